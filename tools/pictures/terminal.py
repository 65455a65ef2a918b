"""Makes HTML of a terminal's screen, as tmux capture-pane -e writes it: stdin to stdout."""
import html
import re
import sys

COLOURS = ["#484f58", "#ff7b72", "#3fb950", "#d29922", "#58a6ff", "#bc8cff", "#39c5cf", "#e6edf3"]
STYLE = """body { margin: 0; background: #0d1117 }
pre { margin: 0; padding: 14px 18px; width: max-content; color: #e6edf3;
      font: 15px/1.3 'DejaVu Sans Mono', monospace }"""


def css(codes):
    """The style after SGR codes, of which a line of tmux repeats all that hold."""
    style = []
    for code in codes:
        if code == 1:
            style.append("font-weight: bold")
        elif code == 2:
            style.append("opacity: .65")
        elif code == 7:
            style.append("background: #e6edf3; color: #0d1117")
        elif 30 <= code <= 37:
            style.append("color: " + COLOURS[code - 30])
        elif 90 <= code <= 97:
            style.append("color: " + COLOURS[code - 90])
    return "; ".join(style)


def spans(text):
    """The screen's text, in spans of one style each: styles go on over the ends of lines."""
    held = set()
    for plain, codes in re.findall(r"([^\x1b]*)(?:\x1b\[([0-9;]*)m)?", text):
        if plain:
            yield f'<span style="{css(sorted(held))}">{html.escape(plain)}</span>'
        for code in (int(c or 0) for c in codes.split(";")) if codes is not None else ():
            if code == 0:
                held = set()
            elif code == 39:
                held = {c for c in held if c < 30}
            elif code < 10:
                held = held | {code}
            elif code // 10 in (3, 9):
                held = {c for c in held if c < 30} | {code}


screen = sys.stdin.read().rstrip("\n")
print(f"<!doctype html><meta charset=utf-8><style>{STYLE}</style><pre>" + "".join(spans(screen)) + "</pre>")
