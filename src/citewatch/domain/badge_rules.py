"""Words around a number of citations that make it no count of a paper or a person."""

from __future__ import annotations

import re

PAPERS = (
    r"(?:papers|articles|publications|works|studies|preprints|those|ones|researchers|authors|"
    r"scientists|scholars|academics|people|candidates|professors|manuscripts|patents|theses|"
    r"references|sources|items|results|documents|repos(?:itories)?)"
)
_ROUND = r"(?:\s*(?:over|at\s+least|more\s+than|about|around|each|only|[>≥~≈]=?))*\s*"
_WITH = (
    r"(?:with|having|has|have|of|receiving|reaching|above|exceeding|over|that\s+ha(?:ve|s)|"
    r"which\s+have|who\s+have|(?:that|which)\s+received|get|got|gaining|at)"
)
_NUMBER_WORD = r"(?:\d+|one|two|three|four|five|six|ten|twelve|a\s+few|several)"
_TIMES = r"(?:years?|months?|weeks?|days?)"


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


ONE_WITH = re.compile(
    r"(?:(?P<word>[\w-]+)\s+)?(?:paper|article|publication|work|study|preprint|author|"
    rf"researcher|scientist|candidate)\s+(?:with|having|has|that\s+has){_ROUND}$",
    re.IGNORECASE,
)
"""One paper of which nothing says that it is a certain one: "a paper with"."""
PAPERS_BRACKET = re.compile(rf"\b{PAPERS}\s*[(\[]\s*[>≥~≈]?\s*$")
"""A heading or a rule: "landmark papers (100+ citations)"; titles are in capitals."""

_RULES = (
    rf"\b{PAPERS}\s+(?:\([^()]{{0,40}}\)\s*)?{_WITH}{_ROUND}$",
    (
        r"\b(?:averag(?:e|es|ed|ing)|mean|median|per\s+paper|annual(?:ly)?|yearly|monthly|weekly|"
        r"daily)(?:\s+(?:of|is|was|about|around))*\s*:?\s*$"
    ),
    (
        r"\b(?:small|medium|large|huge|big|tiny|low|moderate|high|landmark|"
        r"classic|seminal|elite|default|extreme|impact|influential)\s*\(\s*(?:[>≥~≈]\s*)?$"
    ),
    r"\b(?:citations?|cited\s+by|cites)\s+(?:in|since|during)\s+(?:19|20)\d\d\s*[:=–—-]\s*$",
    r"(?:\bself|\bco|\bnon-self|\bpre|\bde|\btraffic|\bparking|\bpolice|\bspeeding)[-–\s]?$",
    r"\b(?:line|page|section|chapter|figure|table|eq(?:uation)?|no|issue|item|question|#)\.?\s*$",
    r"\b(?:highly|well|most)[\s-]+(?:cited\s*[(:]\s*(?:[>≥~≈]\s*)?)?$",
    r"(?:\w=|\bvs\.?\s|\bversus\s)\s*$",
)
_BOUNDS = (
    (
        r"\b(?:under|below|fewer\s+than|less\s+than|up\s+to|at\s+most|n(?:o|ot)\s+more\s+than|"
        r"maximum(?:\s+of)?|max\.?|within|between\s+\d+\s+and|\d+\s+(?:to|and|or))\s*$"
    ),
    r"[<≤]=?\s*$",
    r"(?<!(?:19|20)\d)\d\s*[-–—]\s*$",
)
_GOALS = (
    (
        r"\b(?:goals?|targets?|aims?|aiming|expect(?:s|ed|ing)?|project(?:ed|ing|ion)|forecasts?|"
        r"predict(?:s|ed|ing|ion)?|estimate[sd]?|reach(?:es|ing)?|achiev(?:e|ing)|hits?|get|getting|"
        r"gain|gaining|(?<!has\s)(?<!have\s)gained|earn|attain|accumulate|accrue|surpass|exceed|cross|"
        r"threshold|milestones?|next|kpi|hop(?:e|es|ing)|requir(?:e|es|ed|ing)|needs?|needed|minimum|"
        r"min\.?|(?:must|should|would|will|could|may|might)\s+have|if|when|where|whose|until|unless|"
        r"whether|once|criteri(?:a|on)|filter(?:ed)?|except|add(?:ed|ing)|new|additional|another|extra|"
        r"further|increases?|increased|growth|delta|changes?)(?:\s+(?:of|is|are|was|to|for|at|by|it|they|have|has|reach|gets?|hits?|the|an?))*"
        r"\s*[:=–—-]?\s*(?:over|at\s+least|more\s+than|about|around|[>≥~≈+]=?)?\s*$"
    ),
    (
        r"\b(?:year|month|week|quarter|phase|stage|level|tier|rank|grade|class|step|sprint|day)"
        r"\s*\d{1,3}\s*(?:[:=–—-]|\()\s*$"
    ),
    (
        rf"\b(?:by|before|after|within|until|in)\s+(?:the\s+end\s+of\s+)?(?:20\d\d|\d+\s+{_TIMES})"
        r"\s*[:,–—-]\s*$"
    ),
    r"[-*]\s*\[ \]\s*$",
)
_REFERENCES = (
    (
        r"\b(?:documents?|reports?|files?|drafts?|bibliograph(?:y|ies)|essays?|answers?|memos?|"
        r"responses?|sources?|references|datasets?|corpus|benchmark|test\s+case|reviewers?|pages?|"
        r"words?|footnotes?|appendix|guide|wiki|slides?|dossier|whitepaper|handbook|manual)"
        r"\s*(?:\(|\[|:|with|has|containing|of|[–—-])\s*$"
    ),
    (
        r"\b(?:reviews?|surveys?|synthesis|analysis|proposal|thesis|dissertation|books?|chapter|"
        r"outline|posts?|blog)\s+(?:with|containing|of)\s*$"
    ),
    (
        r"\b(?:referenced|sourced|documented|annotated|researched|backed|supported|informed|"
        r"underpinned|evidenced)\s*(?:\(|with|by)?\s*$"
    ),
    r"\b(?:based\s+on|draw(?:s|ing)?\s+(?:on|from)|synthesi[sz](?:es|ed|ing)|across)\s+$",
    (
        r"\b(?:contain(?:s|ed|ing)?|includ(?:es|ed|ing|e)|process(?:es|ed|ing)?|pars(?:es|ed|ing|e)|"
        r"support(?:s|ing)?|import(?:s|ed|ing)?|handl(?:es|ed|ing|e)|verif(?:y|ies|ied|ying)|"
        r"check(?:s|ed|ing)?|format(?:s|ted|ting)?|extract(?:s|ed|ing)?|manage[sd]?|"
        r"generat(?:es|ed|ing|e)|find|found|fetch(?:es|ed)?|us(?:es|ed|ing)|add|adds|"
        r"provid(?:es|ed|ing|e)|list(?:s|ed|ing)?|collect(?:s|ed|ing)?|issued?|inline|"
        r"return(?:s|ed)?|load(?:s|ed)?|show(?:s|ing)?|displays?)\s+(?:the\s+|all\s+|about\s+|over\s+)?$"
    ),
)
NOT_BEFORE = _any(*_RULES, *_BOUNDS, *_GOALS, *_REFERENCES)
"""Ends at the number: rules, rates, bounds, goals, classes, references of a document."""

NOT_AFTER = _any(
    r"\s*(?:/\s*(?:year|yr|paper|month|week|day|article|author|a\b|annum)|(?:per|each|a|every)\s+(?:year|month|week|day|paper|article|publication|author|"
    r"annum)\b|per\b|p\.?\s?a\.?\b|annual|yearly|monthly|each\b|on\s+average|avg|\(?average)",
    r"\s+across\s+(?!all\b|my\b|his\b|her\b|their\b|our\b|(?:\d+\+?\s+)?(?:papers|publications|"
    r"works|articles))",
    r"\s+by\s+(?!(?:other|others|researchers|papers|independent|scholars|peers|authors|"
    r"scientists|works|articles|publications|more|over|groups)\b)",
    r"\s+(?:to|from|in)\s+(?:the|this|a|an|each|our|your|its)?\s*(?:documents?|reports?|"
    r"bibliograph|text|files?|chapters?|primary|official|peer|sources?|references?|markdown|apa|"
    r"mla|bibtex|answers?|responses?|paragraph|manuscript|draft|page|single)",
    r"\s+(?:in|during|for|from|before|until)\s+(?:the\s+year\s+)?(?:19|20)\d\d\b",
    r"\s+(?:in|during|over|since|for|from|within)\s+(?:the\s+)?(?:last|past|previous|recent)\b",
    r"\s+(?:last|this|next)\s+(?:year|month|week|quarter)",
    r"\s+(?:required|needed|necessary|minimum|threshold|limit|max|included|verified|checked|"
    r"formatted|extracted|found|validated|generated|added|or\s+fewer|or\s+less|at\s+most|expected|"
    r"projected|to\s+go|away|short|missing|remaining|left|issued|processed|parsed|imported|"
    r"inserted|removed|returned|needs?|target|goal|behind|ahead|vs\.?|versus|until)\b",
    r"\s+for\s+(?!(?:this|the|our|my|his|her|their|that|a|one|its)\b)",
    r"\s*(?:→|->|=>)",
)
"""Begins behind the count: rates, windows of time, references of a document."""
WINDOW = re.compile(
    rf"\s+(?:in|within|after|over|during)\s+(?:the\s+)?(?:its\s+)?(?:just\s+|only\s+|under\s+|"
    rf"less\s+than\s+)?(?:first\s+)?(?:{_NUMBER_WORD}\s+{_TIMES}|year)\b",
    re.IGNORECASE,
)
"""A goal, unless somebody says that it was met: "100 citations within two years"."""
CITED_BY_NO_PAPER = re.compile(
    r"\s*(?:internal\s+|other\s+)?(?:reports?|documents?|files?|pages?|notes?|sections?|chapters?|"
    r"questions?|tests?|modules?|rules?|users?|customers?|respondents?|participants?|of\b|out\b|"
    r"in\s+(?:top|this|our)|top\b|%|percent|results?|sources?|models?|providers?|agents?|"
    r"witnesses|courts?|cases?|judges|opinions?|statutes?|patents?)",
    re.IGNORECASE,
)
TIMES_ELSEWHERE = re.compile(
    r"\s+(?:in|by|for|as|on|at|during|within|per|a|each|across|throughout|from|while|when)\b"
    r"(?!\s+(?:the\s+)?(?:other|others|scientific|academic|peer|subsequent|international|"
    r"scholarly|literature|publications?|papers?|works?|articles?|research(?:ers)?|journals?|"
    r"google|scopus|web\s+of|semantic|various|different|many|authors|scholars|scientists|date|now|"
    r"of\s+(?:[A-Z][a-z]+\s+)?20\d\d|average|independent|later|major|top|leading|so\s+far|"
    r"(?:its\s+)?publication|then)\b)",
    re.IGNORECASE,
)
"""Cited so many times, but not in papers: in an analysis, for speeding, in a year."""
NO_WORK = re.compile(
    r"\b(?:issues?|bugs?|complaints?|reasons?|problems?|concerns?|violations?|themes?|topics?|"
    r"factors?|drivers?|statutes?|he|she|officers?|landlords?|facility|company|restaurants?|"
    r"verdicts?|players?|quotes?|phrase|words?|keywords?|barriers?|risks?|feature|request|"
    r"sentence|passage)\s+(?:(?:was|were|is|are|been|being|has|have|had|got|most|frequently|often)"
    r"\s+){0,3}$",
    re.IGNORECASE,
)
"""What is cited is no work of research."""
