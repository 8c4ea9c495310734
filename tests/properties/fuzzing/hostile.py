"""Texts that end, open or expand something wherever they reach a file unquoted."""

from __future__ import annotations

SHELL = (
    "$(touch x)",
    "`touch x`",
    "$HOME",
    "${HOME}",
    "; touch x",
    "&& touch x",
    "| tee x",
    "> x",
    "!!",
    "\\",
    "~",
    "* ?",
)
QUOTES = ("'", '"', "''", '"""', "'''", "\\'", '\\"', "'; drop table t; --", "/* x */", "-- x", "'\"'\"'")
TEMPLATES = ("{{ x }}", "{% raw %}", "{{{ x }}}", "{{% if x %}}", "{# x #}", "%(x)s", "{0}", "{x}", "%s", "<% x %>")
WORKFLOW = ("${{ secrets.TOKEN }}", "${{", "}}", "::set-output name=a::b", "::error::x", "::add-mask::x", "##[error]x")
CONTROL = ("\x00", "\x1b[2J", "\x1b]0;x\x07", "\x08\x08", "\x7f", "\x9b2J", "\r", "\x0b", "\x0c", "\t")
BREAKS = (
    "\n",
    "\r\n",
    "\n\n",
    "\nRUN touch x",
    "\n- x",
    "\nx: y",
    "\u2028",
    "\u2029",
    "\x85",
    "\n#",
    "\n```\n",
    "\n---\n",
)
UNICODE = (
    "\u202e",
    "\u2066x",
    "\u2069",
    "\u200b",
    "\u200d",
    "\ufeff",
    "\u00ad",
    "\u0301",
    "😀",
    "ﬁ",
    "\ud800",
    "\udfff",
)
YAML = (
    ": ",
    " #x",
    "- ",
    "&a",
    "*a",
    "!!python/object:x",
    "%TAG ! x",
    "---",
    "...",
    "? ",
    "| ",
    ">",
    "[",
    "{",
    "@",
    "<<",
)
SCALARS = (
    "yes",
    "no",
    "on",
    "null",
    "~",
    "true",
    "1",
    "1.5",
    "1e3",
    "0x1f",
    "0o7",
    "1:30",
    "2024-01-01",
    "=",
    ".inf",
    "",
)
DOCKER = ("# escape=`", "ARG X", "<<EOF", " \\\n", "--from=x", "$X", "${X:-y}", "# syntax=x", "ONBUILD")
HTML = ("</script>", "<!--", "-->", "<img src=x onerror=y>", "&amp;", "&#x3c;", "]]>", "<b>", "javascript:x")
MARKUP = (
    "|",
    "a | b",
    "# x",
    "* x",
    "[x](y)",
    "![x](y)",
    "```",
    "`",
    "~~~",
    "_x_",
    "**x**",
    "1. x",
    "> x",
    "<mailto:x>",
)
DRAWING = (
    '"]',
    '"];',
    "-->",
    "%% x",
    "subgraph x",
    "end",
    "}",
    'x [label="y"]',
    "\\n",
    "\\l",
    ";",
    "click x",
    "#quot;",
)
PATHS = ("../x", "/etc/passwd", "~/x", "a/../../x", "C:\\x", "\\\\x\\y", ".", "..", "-", "-rf", "con", "a//b")
PYTHON = ("__import__('os')", "#", "\\N{DASH}", "f'{x}'", "\\", "\\x41", "None", "class")
PIP = ("--index-url //x", "-r x", "-e .", "x @ file:x", "x ; y", "x==1 --hash=sha256:0", "\\\n-r x")
CRON = ("%", "* * * * * x", "@reboot x", "\n* * * * * x")

FRAGMENTS: tuple[str, ...] = tuple(
    dict.fromkeys(
        (
            *SHELL,
            *QUOTES,
            *TEMPLATES,
            *WORKFLOW,
            *CONTROL,
            *BREAKS,
            *UNICODE,
            *YAML,
            *SCALARS,
            *DOCKER,
            *HTML,
            *MARKUP,
            *DRAWING,
            *PATHS,
            *PYTHON,
            *PIP,
            *CRON,
        )
    )
)
"""Every fragment, each once."""

CARRIED = (
    "a'b\"c`d$(touch x)$HOME e\\f %s %(x)s {0} {{ x }} {% x %} {{{ x }}} {# x #} }} : x #y - z &a *a !!x "
    "</script><!-- --> <b> &amp; | # * [x](y) ``` ::error::x \\n -- /* ; '; drop table t; --  @ % ? ~ "
    '\u00e9\u4e2d\U0001f600\u0301 \\x41 \\N{DASH} <<EOF $X "] --> end'
)
"""One text with everything that no rule refuses: it has to come out as it went in."""

COMBINED = CARRIED + "\n\r\n\t\u2028\u2029\x85\u200b\nRUN x\n- x\nx: y"
"""The same with all kinds of line ends."""

LONG = "a\"'$`\\ " * 150_000
"""More than a megabyte."""

START, END = "Qz", "zQ"
"""What a fragment stands between, so that it can be found again in a file."""
HARMLESS = " harmless "
DIGITS = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
"""Digits that Python takes for digits, and that other readers do not."""
