"""Figures as files: the same figure is the same bytes, and an SVG says in words what it shows."""

from __future__ import annotations

import io
import re
from pathlib import Path
from xml.sax.saxutils import escape

import matplotlib
from matplotlib import pyplot
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure


def save(figure: Figure, name: str, svg: Path, png: Path, title: str, alt: str) -> None:
    """Write both forms and close the figure."""
    # Laid out once, then drawn by the canvases themselves: `savefig` lays out and draws everything twice for each form.
    if layout := figure.get_layout_engine():
        layout.execute(figure)
    figure.set_layout_engine("none")
    FigureCanvasAgg(figure).print_png(png, metadata={"Software": None, "Title": title, "Description": alt})
    stream = io.StringIO()
    with matplotlib.rc_context({"svg.hashsalt": name}):
        FigureCanvasSVG(figure).print_svg(stream, metadata={"Date": None, "Creator": None})
    svg.write_text(accessible(stream.getvalue(), name, title, alt), encoding="utf-8")
    pyplot.close(figure)


def accessible(text: str, name: str, title: str, alt: str) -> str:
    """The SVG element alone, with a role, title and description; its ids begin with `name`, to be unique in a page."""
    text = text[text.index("<svg") :]
    text = re.sub(r" <metadata>.*?</metadata>\n", "", text, flags=re.DOTALL)
    # Ids that nothing refers to name matplotlib's own groups, and are the same for two equal pictures.
    used = set(re.findall(r'(?:url\(#|href="#)([^")]+)', text))
    text = re.sub(r' id="([^"]+)"', lambda match: match[0] if match[1] in used else "", text)
    text = re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>{name}-", text)
    # A style element would reach the whole page that the figure is put into.
    text = re.sub(r'<style type="text/css">\*\{([^}]*)\}</style>', "", text)
    head = f'<svg role="img" aria-labelledby="{name}-title {name}-desc" stroke-linejoin="round" stroke-linecap="butt"'
    words = f'<title id="{name}-title">{escape(title)}</title>\n <desc id="{name}-desc">{escape(alt)}</desc>'
    return re.sub(r"^<svg([^>]*)>", lambda match: f"{head}{match[1]}>\n {words}", text)
