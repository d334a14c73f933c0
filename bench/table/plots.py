"""Plots as SVG, from figures alone."""

import html

COLOURS = ["#27c", "#c52", "#2a6", "#a3a", "#888", "#b80", "#088", "#d39", "#550"]


def text(x, y, words, anchor="start", more=""):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{more}>{html.escape(str(words))}</text>'


def dots(title, rows):
    """Shares with their intervals, a row of dots a name: (name, [(share, low, high) or words])."""
    height, left, width = 22, 230, 420
    parts = []
    for row, (name, values) in enumerate(rows):
        y = 20 + row * height
        parts.append(text(left - 8, y + 4, name, "end"))
        for number, value in enumerate(values):
            if isinstance(value, str):
                parts.append(text(left + 8 + 60 * number, y + 4, value, more=' class="no"'))
                continue
            at = y + 4 * (number - (len(values) - 1) / 2)
            share, low, high = (left + width * one for one in value)
            parts.append(f'<line class="one" x1="{low:.1f}" x2="{high:.1f}" y1="{at}" y2="{at}"/>')
            parts.append(f'<circle class="one" cx="{share:.1f}" cy="{at}" r="3"/>')
    bottom = 20 + len(rows) * height
    for tick in range(0, 11, 2):
        x = left + width * tick / 10
        parts.insert(0, f'<path class="grid" d="M{x} 8V{bottom}"/>')
        parts.append(text(x, bottom + 14, f"{tick / 10:.1f}", "middle"))
    size = f'width="{left + width + 20}" height="{bottom + 24}"'
    return f"<h4>{html.escape(title)}</h4><svg {size}>{''.join(parts)}</svg>"


def curves(title, across, series, low=None, high=None):
    """Curves over numbers: (name, [(x, y)]), between low and high, else as far as they go."""
    width, height, left = 420, 170, 46
    points = [point for _, line in series for point in line]
    if not points:
        return ""
    xs, ys = zip(*points, strict=True)
    low, high = min(ys) if low is None else low, max(ys) if high is None else high
    high += (high == low) * 1.0
    from_x, to_x = min(xs), max(xs) + (max(xs) == min(xs))

    def place(x, y):
        return left + width * (x - from_x) / (to_x - from_x), 10 + height * (high - y) / (high - low)

    parts = []
    for part in range(5):
        value = low + (high - low) * part / 4
        _, y = place(from_x, value)
        parts.append(f'<path class="grid" d="M{left} {y:.1f}H{left + width}"/>')
        parts.append(text(left - 6, y + 4, f"{value:.3g}", "end"))
    for x in sorted(set(xs)) if len(set(xs)) < 10 else sorted(set(xs))[:: len(set(xs)) // 5]:
        parts.append(text(place(x, low)[0], height + 26, f"{x:g}", "middle"))
    parts.append(text(left + width / 2, height + 42, across, "middle"))
    for number, (name, line) in enumerate(series):
        colour = COLOURS[number // 2 % len(COLOURS)] if DASHED in "".join(n for n, _ in series) else None
        colour = colour or COLOURS[number % len(COLOURS)]
        dash = ' stroke-dasharray="5 4"' if name.endswith(DASHED) else ""
        at = " ".join("{:.1f},{:.1f}".format(*place(x, y)) for x, y in line)
        parts.append(f'<polyline points="{at}" fill="none" stroke="{colour}" stroke-width="2"{dash}/>')
        parts.append(f'<path d="M{left + width + 14} {16 + 18 * number}h22" stroke="{colour}" stroke-width="2"{dash}/>')
        parts.append(text(left + width + 42, 20 + 18 * number, name))
    size = f'width="{left + width + 330}" height="{max(height + 50, 30 + 18 * len(series))}"'
    return f"<h4>{html.escape(title)}</h4><svg {size}>{''.join(parts)}</svg>"


# How the names of dashed curves end; each stands after the curve that it belongs to.
DASHED = ", imagined"
