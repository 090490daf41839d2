"""Which commands of LaTeX mean what, as far as a publication list has them."""

from __future__ import annotations

import re
from collections.abc import Mapping

EMPHASIS = frozenset({"textit", "emph", "textsl", "enquote"})
BOLD = frozenset({"textbf", "textsb", "bm"})
SWITCHES = frozenset({"em", "it", "itshape", "sl", "slshape"})
BOLD_SWITCHES = frozenset({"bf", "bfseries"})
"""They hold until the group ends."""

DROPPED: Mapping[str, int] = {
    **dict.fromkeys(
        (
            "cite",
            "citep",
            "citet",
            "citeyear",
            "citeauthor",
            "parencite",
            "textcite",
            "nocite",
            "label",
            "ref",
            "eqref",
            "pageref",
            "vspace",
            "hspace",
            "input",
            "include",
            "usepackage",
            "documentclass",
            "bibliographystyle",
            "bibliography",
            "addbibresource",
            "hypersetup",
            "pagestyle",
            "thispagestyle",
            "pagenumbering",
            "geometry",
            "color",
            "moderncvstyle",
            "moderncvcolor",
            "moderncvtheme",
            "graphicspath",
            "includegraphics",
            "footnote",
            "footnotetext",
            "thanks",
            "rule",
            "phantom",
            "vphantom",
            "hphantom",
            "setlist",
            "urlstyle",
            "linespread",
            "setstretch",
            "RequirePackage",
            "tag",
            "index",
            "fullcite",
            "footfullcite",
            "bibnote",
            "BibitemOpen",
            "BibitemShut",
            "faIcon",
            "photo",
            "email",
            "phone",
            "mobile",
            "homepage",
            "social",
            "address",
            "extrainfo",
            "quotation",
            "captionsetup",
            "theoremstyle",
            "pdfinfo",
            "selectlanguage",
            "enlargethispage",
            "expandafter",
            "fontfamily",
            "fontseries",
            "fontshape",
            "noalign",
            "translation",
            "natexlab",
            "bibnamedelima",
            "providebibmacro",
            "printbibliography",
            "IfFileExists",
        ),
        1,
    ),
    **dict.fromkeys(
        (
            "setlength",
            "addtolength",
            "setcounter",
            "addtocounter",
            "fontsize",
            "newlength",
            "settowidth",
            "DeclareFieldFormat",
            "DeclareUnicodeCharacter",
            "colorlet",
            "defcounter",
            "DeclareMathOperator",
        ),
        2,
    ),
    "raisebox": 1,
    "definecolor": 3,
    "newenvironment": 3,
    "renewenvironment": 3,
    "titlespacing": 4,
    "titleformat": 5,
}
"""Commands that print nothing of so many arguments."""
FIRST_DROPPED = frozenset(
    {
        "textcolor",
        "colorbox",
        "foreignlanguage",
        "bibfield",
        "makebox",
        "parbox",
        "resizebox",
        "fcolorbox",
        "cvcolor",
        "hyperlink",
        "hypertarget",
    }
)
"""They print their last argument alone."""

HEADINGS = re.compile(
    r"(?:(?:sub)*section|chapter|part|(?:sub)?paragraph|cv(?:sub)*section|[A-Za-z]*(?:heading|rubric|"
    r"sectiontitle|titlesection))\*?",
    re.IGNORECASE,
)
RECORDS = re.compile(
    r"cv(?:entry|item|itemwithcomment|listitem|doubleitem|listdoubleitem|line|pub|publication|paper|"
    r"event)|(?:my|add|cv|the|make|one)?(?:pub(?:lication)?s?|paper|article|bib|ref)(?:entry|item)?",
    re.IGNORECASE,
)
"""Commands of CV classes that set one entry."""
COUNTING = re.compile(
    r"(?:n|num|no|g?s|scholar|ads|my|the|show)?(?:cited(?:by|times)?|citations?|cites?|citecount|"
    r"citationcount|ncites?|cit|citedby)(?:num|number|count|times|s)?",
    re.IGNORECASE,
)
"""Names of commands that set a count of citations; ``\\cite`` itself takes keys, never numbers."""
COUNT = re.compile(r"\s*(?:[>≥~≈]\s*)?\d{1,3}(?:[,.'’\s]?\d{3}){0,3}(?:\.\d)?k?\s*\+?\s*")

ITEMS = frozenset(
    {"item", "bibitem", "ditem", "cvlistitem", "sitem", "myitem", "pubitem", "etareitem"}
)
ARGUED: Mapping[str, int] = {
    "tabular": 1,
    "tabular*": 2,
    "tabularx": 2,
    "longtable": 1,
    "supertabular": 1,
    "list": 2,
    "thebibliography": 1,
    "adjustwidth": 2,
    "minipage": 1,
    "multicols": 1,
    "rubric": 0,
    "array": 1,
    "tabulary": 2,
    "spacing": 1,
    "cvcolumn": 1,
    "addmargin": 1,
    "wrapfigure": 2,
}
"""Environments with arguments that print nothing."""
TABLES = frozenset(
    {"tabular", "tabular*", "tabularx", "longtable", "supertabular", "tabulary", "array"}
)
LISTS = re.compile(
    r"(?:enumerate|itemize|etaremune|description|list|trivlist|thebibliography|compactitem|"
    r"compactenum|cv(?:items|pubs|honors|entries)|[A-Za-z]*(?:list|items|enum|enumerate|pubs|papers|"
    r"publications|bibsection|bibliography))\*?",
    re.IGNORECASE,
)
HIDDEN = frozenset({"comment", "filecontents", "filecontents*", "lstlisting", "verbatim"})

SIGNS: Mapping[str, str] = {
    "textendash": "–",
    "textemdash": "—",
    "ldots": "…",
    "dots": "…",
    "etal": "et al.",
    "quad": "  ",
    "qquad": "  ",
    "hfill": "  ",
    "textbar": "|",
    "textbackslash": "\\",
    "textasciitilde": "~",
    "textquoteright": "’",
    "textquoteleft": "‘",
    "textquotedblleft": "“",
    "textquotedblright": "”",
    "LaTeX": "LaTeX",
    "TeX": "TeX",
    "textbullet": "•",
    "textperiodcentered": "·",
    "textdegree": "°",
    "textgreater": ">",
    "textless": "<",
    "and": " and ",
    "textregistered": "®",
    "S": "§",
    "enskip": " ",
    "enspace": " ",
    "thinspace": " ",
    "space": " ",
    "textunderscore": "_",
    "bibnamedelimi": " ",
    "bibinitperiod": ".",
    "bibinitdelim": " ",
    "bibrangedash": "–",
    "plus": "+",
    "slash": "/",
    "guillemotleft": "«",
    "guillemotright": "»",
    "glqq": "„",
    "grqq": "“",
    "pm": "±",
    "times": "×",
    # Journals as the classes of the AAS name them.
    "aj": "The Astronomical Journal",
    "apj": "The Astrophysical Journal",
    "apjl": "The Astrophysical Journal Letters",
    "apjs": "The Astrophysical Journal Supplement",
    "mnras": "Monthly Notices of the Royal Astronomical Society",
    "aap": "Astronomy and Astrophysics",
    "pasp": "Publications of the Astronomical Society of the Pacific",
    "nat": "Nature",
    "araa": "Annual Review of Astronomy and Astrophysics",
    "prd": "Physical Review D",
    "prl": "Physical Review Letters",
    "prb": "Physical Review B",
    "jcap": "JCAP",
    "icarus": "Icarus",
    "physrep": "Physics Reports",
    "pasj": "PASJ",
    "pasa": "PASA",
    "ssr": "Space Science Reviews",
    "apss": "Astrophysics and Space Science",
    "aapr": "Astronomy and Astrophysics Reviews",
    "solphys": "Solar Physics",
    "planss": "Planetary and Space Science",
    "grl": "Geophysical Research Letters",
    "jgr": "Journal of Geophysical Research",
}
"""What commands without arguments print; all others print nothing."""
GREEK = re.compile(
    r"(?:var)?(?:alpha|beta|gamma|delta|epsilon|zeta|eta|theta|iota|kappa|lambda|mu|nu|xi|pi|rho|"
    r"sigma|tau|upsilon|phi|chi|psi|omega)|Gamma|Delta|Theta|Lambda|Xi|Pi|Sigma|Upsilon|Phi|Psi|Omega|"
    r"ell|sim|approx|infty"
)
"""Letters of formulas that stand outside of one, as in ``\\ensuremath{\\alpha}``."""
BLANK_SIGNS = frozenset(" ,;:/!@>=\t")
"""Escaped characters that set a blank or none."""
