"""The reference pages that Max shows of the parts (.maxref.xml)."""

from xml.etree import ElementTree as Xml

from parts import PARTS, Part

_TYPES = {int: "int", float: "float", str: "symbol"}
_HEAD = (
    "<?xml version='1.0' encoding='utf-8' standalone='yes'?>\n"
    '<?xml-stylesheet href="./_c74_ref.xsl" type="text/xsl"?>\n'
)


def reference_page(part: Part) -> str:
    """Return the page of a part."""
    page = Xml.Element("c74object", name=part.name, module="sdaudio", category="sdaudio")
    _text(page, "digest", part.about.split(". ")[0].rstrip("."))
    _text(page, "description", part.about)
    facts = Xml.SubElement(page, "metadatalist")
    _text(facts, "metadata", "The sdaudio authors", name="author")
    _text(facts, "metadata", "sdaudio", name="tag")
    inlets = Xml.SubElement(page, "inletlist")
    _described(inlets, "inlet", "Messages in", id="0", type="INLET_TYPE")
    outlets = Xml.SubElement(page, "outletlist")
    for number, about in enumerate(part.outlets):
        kind = "signal" if part.sounds and number == 0 else "OUTLET_TYPE"
        _described(outlets, "outlet", about, id=str(number), type=kind)
    arguments = Xml.SubElement(page, "objarglist")
    name = "Parts with the same NAME, which may be any word, speak through the same sda.client."
    for word, about, example in (("NAME", name, ""), *part.arguments):
        kind = _TYPES[type(example)]
        _described(arguments, "objarg", about, name=word, optional=str(int(word != "NAME")),
                   type=kind)  # fmt: skip
    methods = Xml.SubElement(page, "methodlist")
    for says, does in part.says:
        word, *rest = says.split()
        method = Xml.SubElement(methods, "method", name=word)
        given = Xml.SubElement(method, "arglist")
        for number, text in enumerate(rest):
            is_number = text.lstrip("-").replace(".", "", 1).isdigit()
            Xml.SubElement(
                given, "arg", name=f"argument-{number + 1}", optional="0",
                type="number" if is_number else "symbol",
            )  # fmt: skip
        _text(method, "digest", does)
        _text(method, "description", f"{does}. Such as: {says}")
    others = Xml.SubElement(page, "seealsolist")
    for other in PARTS:
        if other is not part:
            Xml.SubElement(others, "seealso", name=other.name)
    Xml.indent(page, " ")
    return _HEAD + Xml.tostring(page, encoding="unicode") + "\n"


def _text(parent: Xml.Element, tag: str, text: str, **attributes: str) -> None:
    Xml.SubElement(parent, tag, attributes).text = text


def _described(parent: Xml.Element, tag: str, about: str, **attributes: str) -> None:
    child = Xml.SubElement(parent, tag, attributes)
    _text(child, "digest", about)
    _text(child, "description", about)
