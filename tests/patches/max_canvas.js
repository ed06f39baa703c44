// The functions of mgraphics that the patches use; what they draw comes out as SVG.

"use strict";

class Canvas {
    constructor(size) {
        this.size = size;
        this.clear();
    }

    clear() {
        this.parts = [];
        this.shape = null;
        this.colour = "black";
        this.alpha = 1;
        this.width = 1;
        this.font = 10;
    }

    init() {}

    set_source_rgba(red, green, blue, alpha) {
        for (const part of [red, green, blue, alpha]) {
            if (!(part >= 0 && part <= 1)) {
                throw new Error(`set_source_rgba(${[red, green, blue, alpha]})`);
            }
        }
        const parts = [red, green, blue].map((part) => Math.round(part * 255));
        this.colour = `rgb(${parts})`;
        this.alpha = alpha;
    }

    set_line_width(width) { this.width = width; }

    select_font_face(name) { this.face = name; }

    set_font_size(size) { this.font = size; }

    rectangle(x, y, width, height) {
        if (![x, y, width, height].every(Number.isFinite) || width < 0 || height < 0) {
            throw new Error(`rectangle(${[x, y, width, height]})`);
        }
        this.shape = `<rect x="${x}" y="${y}" width="${width}" height="${height}"`;
    }

    fill() {
        this.parts.push(`${this.shape} fill="${this.colour}" fill-opacity="${this.alpha}"/>`);
    }

    stroke() {
        this.parts.push(`${this.shape} fill="none" stroke="${this.colour}" ` +
            `stroke-width="${this.width}"/>`);
    }

    move_to(x, y) { this.at = [x, y]; }

    show_text(words) {
        const escaped = words.replace(/&/g, "&amp;").replace(/</g, "&lt;");
        this.parts.push(`<text x="${this.at[0]}" y="${this.at[1]}" font-size="${this.font}" ` +
            `font-family="${this.face}" fill="${this.colour}">${escaped}</text>`);
    }

    svg() {
        const [width, height] = this.size;
        return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">` +
            `${this.parts.join("")}</svg>`;
    }
}

exports.Canvas = Canvas;
