"""Templates by name, kept in the journal and shared by all clients, who hear of every change."""

import logging
from collections.abc import Iterator

from sdaudio.edits import Clip
from sdaudio.errors import FileError, StateError, UsageError, nearest_hint
from sdaudio.templates import Template, read_template

from .journal import Journal
from .library import check_name
from .sessions import Announcer

logger = logging.getLogger(__name__)

MAX_TEMPLATES = 128
"""A new subscriber hears of all of them at once, and Pd keeps a burst of some 250 datagrams."""
MAX_COLUMNS = 4096
"""Of one template (87 s)."""


class Templates:
    """All templates.

    Args:
        announcer: who is told about every change.
        journal: where they are kept; whoever calls commits.
    """

    def __init__(self, announcer: Announcer, journal: Journal) -> None:
        self._announcer = announcer
        self._journal = journal
        self._templates: dict[str, Template] = {}
        self.read_again()

    def __iter__(self) -> Iterator[Template]:
        return iter(list(self._templates.values()))

    def __len__(self) -> int:
        return len(self._templates)

    def __getitem__(self, name: str) -> Template:
        """Return a template.

        Raises:
            UsageError: there is none of this name.
        """
        if name not in self._templates:
            names = ", ".join(list(self._templates)[:20]) or "none"
            raise UsageError(
                f"There is no template '{name[:80]}'.{nearest_hint(name, self._templates)} "
                f"Templates: {names}. /sda/template/save makes one."
            )
        return self._templates[name]

    def read_again(self) -> None:
        """Take what the journal has: at the start, and when changes could not be kept."""
        self._templates = {}
        for record in self._journal.templates():
            try:
                template = read_template(record)
            except FileError as error:
                # one that is damaged must not keep the daemon from starting
                logger.error("%s", error)
                continue
            self._templates[template.name] = template

    def save(self, name: str, clip: Clip, *, replace: bool) -> Template:
        """Keep a clip under a name.

        Raises:
            UsageError: the name or the length is not allowed.
            StateError: there is one of this name and it is not to be replaced, or there are too
                many.
        """
        check_name("template", name)
        if clip.codes.shape[1] > MAX_COLUMNS:
            raise UsageError(
                f"columns is {clip.codes.shape[1]}; a template has 1 to {MAX_COLUMNS}."
            )
        if not replace:
            self._check_free(name)
        if name not in self._templates and len(self) >= MAX_TEMPLATES:
            raise StateError(
                f"There are {len(self)} templates, the most allowed. Delete one with "
                "/sda/template/delete."
            )
        return self._put(Template(name, clip))

    def rename(self, name: str, new_name: str) -> Template:
        """Give a template another name.

        Raises:
            UsageError: there is none of this name, or the new one is not allowed.
            StateError: there is one of the new name.
        """
        template = self[name]
        check_name("template", new_name)
        self._check_free(new_name)
        renamed = self._put(Template(new_name, template.clip))
        self.delete(name)
        return renamed

    def delete(self, name: str) -> None:
        """Forget a template.

        Raises:
            UsageError: there is none of this name.
        """
        template = self[name]
        self._journal.forget_template(template.name)
        del self._templates[template.name]
        self._announcer.announce("/sda/template/deleted", name)

    def _put(self, template: Template) -> Template:
        self._journal.note_template(template.name, template.record)
        self._templates[template.name] = template
        self._announcer.announce("/sda/template/state", *state_of_template(template))
        return template

    def _check_free(self, name: str) -> None:
        if name in self._templates:
            raise StateError(
                f"There is a template '{name}' already. Take another name, or say that it may be "
                "replaced (replace 1)."
            )


def state_of_template(template: Template) -> tuple[str | int, ...]:
    """The arguments of ``/sda/template/state``: name, model, level, levels, columns."""
    clip = template.clip
    return template.name, clip.model, clip.level, *clip.codes.shape
