"""The registry of diagnostic codes: the only list of them.

`PIR00` reading the input, `PIR01` the text (JSON or authoring syntax), `PIR02` well-sorted terms, `PIR03` bounds,
`PIR04` the vocabulary and admission, `PIR05` lints (warnings), `PIR06` catalogues, `PIR07` vocabulary files, facts,
floors and seeds, `PIR08` canonical bytes and interop, `PIR09` the router and its traces, `PIR10` flows. Each code has
one cause and one page in `pages/`.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

import attrs


class Severity(StrEnum):
    """How bad it is: an error refuses the input, a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@attrs.frozen(slots=True)
class Code:
    """A stable diagnostic code with its title, the one-line statement of its single cause."""

    code: str
    title: str
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        return self.code


def _warning(code: str, title: str) -> Code:
    return Code(code, title, Severity.WARNING)


# --- PIR00: reading the input ---------------------------------------------------------------------------------
UNREADABLE = Code("PIR0001", "the input cannot be read")
NOT_UTF8 = Code("PIR0002", "the input is not UTF-8")
BYTE_ORDER_MARK = Code("PIR0003", "the input starts with a byte-order mark")
SOURCE_TOO_LARGE = Code("PIR0004", "the source is larger than 256 KiB")
EMPTY_SOURCE = Code("PIR0005", "the input holds no term")

# --- PIR01: the text ------------------------------------------------------------------------------------------
UNEXPECTED_CHARACTER = Code("PIR0101", "a character that starts no token")
UNEXPECTED_TOKEN = Code("PIR0102", "a token that cannot stand here")
UNCLOSED = Code("PIR0103", "a bracket that is not closed")
MISMATCHED_BRACKET = Code("PIR0104", "a closing bracket that closes nothing")
MISSING_COMMA = Code("PIR0105", "a comma or separator is missing")
TRAILING_COMMA = Code("PIR0106", "a comma before a closing bracket")
TRAILING_TEXT = Code("PIR0107", "text after the term")
BAD_STRING = Code("PIR0108", "a malformed or unterminated string")
BAD_NUMBER = Code("PIR0109", "a malformed number")
NUMBER_OVERFLOW = Code("PIR0110", "a number that overflows binary64")
NUMBER_UNDERFLOW = Code("PIR0111", "a non-zero number that underflows to 0")
NOT_A_NUMBER = Code("PIR0112", "`NaN` and infinities are not numbers of the language")
LONE_SURROGATE = Code("PIR0113", "a lone surrogate in a string")
DUPLICATE_KEY = Code("PIR0114", "a key that occurs twice in one record")
NULL = Code("PIR0115", "`null` is not a value of the language")
COMMENT_IN_JSON = Code("PIR0116", "a comment in the wire syntax")
SINGLE_QUOTES = Code("PIR0117", "a string in single quotes")
# Of the authoring syntax alone.
DUPLICATE_CLAUSE = Code("PIR0118", "a clause that occurs twice")
FOREIGN_OPERATOR = Code("PIR0119", "an operator of another language")
FOREIGN_ARITHMETIC = Code("PIR0120", "arithmetic that scorers do not have")
BAD_COMPARISON = Code("PIR0121", "a comparison of something other than a field with a number")
ATTRIBUTE_RELATION = Code("PIR0122", "a relation that the attribute does not have")
NO_CLAUSE = Code("PIR0123", "a text that starts with no clause")
NO_BRACES = Code("PIR0124", "several clauses without `policy { }` around them")
UNQUOTED_VALUE = Code("PIR0125", "a value without its double quotes")
QUOTED_NAME = Code("PIR0126", "a name in double quotes")
RESERVED_WORD = Code("PIR0127", "a reserved word where a name is due")
WRONG_SEPARATOR = Code("PIR0128", "a separator of another place")
MISSING_OPERATOR = Code("PIR0129", "two terms with no operator between them")

# --- PIR02: well-sorted terms ---------------------------------------------------------------------------------
NOT_A_TERM = Code("PIR0201", "a value where a term is due")
UNKNOWN_OPERATION = Code("PIR0202", "an operation that the language does not have")
WRONG_SORT = Code("PIR0203", "a term of another sort")
WRONG_ARITY = Code("PIR0204", "the wrong number of arguments")
WRONG_PARAMETER = Code("PIR0205", "a parameter of another sort")
UNKNOWN_RELATION = Code("PIR0206", "an unknown relation")
UNKNOWN_VERB = Code("PIR0207", "an unknown action")
UNKNOWN_KEY = Code("PIR0208", "a key that this record does not have")
MISSING_KEY = Code("PIR0209", "a key that this record must have")
EMPTY_LIST = Code("PIR0210", "an empty list where one entry or more is due")
NOT_POINTWISE = Code("PIR0211", "`normalize` inside a pointwise scorer")
BAD_COUNT = Code("PIR0212", "a count that is not an integral number of 1 or more")
NOT_A_POLICY = Code("PIR0213", "a term of another sort where a policy is due")
FOREIGN_VALUE = Code("PIR0214", "a value that JSON does not have")

# --- PIR03: bounds --------------------------------------------------------------------------------------------
TOO_DEEP = Code("PIR0301", "a term deeper than 64")
TOO_MANY_NODES = Code("PIR0302", "a term of more than 4096 nodes")
STRING_TOO_LONG = Code("PIR0303", "a string of more than 256 bytes")
TOO_MANY_ENTRIES = Code("PIR0304", "a record or list parameter of more than 64 entries")
ATTEMPTS_RANGE = Code("PIR0305", "`attempts` is not an integral number from 0 to 10")
BACKOFF_RANGE = Code("PIR0306", "a `backoff_ms` that is not between 0 and 60000")
TOO_MANY_BACKOFFS = Code("PIR0307", "more than 16 backoffs")
BREAKER_RANGE = Code("PIR0308", "an `open_breaker_ms` that is not between 0 and 3600000")
TOO_MUCH_WORK = Code("PIR0309", "a decision that would take more work than the bound")
NESTED_TOO_DEEP = Code("PIR0310", "brackets nested deeper than any term can be")

# --- PIR04: the vocabulary and admission ----------------------------------------------------------------------
UNDECLARED_FIELD = Code("PIR0401", "a field that the vocabulary does not declare")
FIELD_SORT = Code("PIR0402", "a field of another sort")
UNKNOWN_TIER = Code("PIR0403", "a tier that the vocabulary does not declare")
UNDECLARED_PARAM = Code("PIR0404", "a request parameter that the vocabulary does not declare")
PARAM_SORT = Code("PIR0405", "a value of another sort than the request parameter's")
PARAM_RANGE = Code("PIR0406", "a value outside the request parameter's range")
UNDECLARED_RECIPE_STEP = Code("PIR0407", "a filter step that the vocabulary does not declare")
UNDECLARED_CUSTOM = Code("PIR0408", "a custom transform that the vocabulary does not declare")
THEN_RETRY = Code("PIR0409", "`retry_same` as `then_action`")

# --- PIR05: lints ---------------------------------------------------------------------------------------------
LINT_PROMOTING_GATE = _warning("PIR0501", "a `gate` that promotes what it refuses")
LINT_PROMOTING_SCALE = _warning("PIR0502", "a negative `scale` that lifts negative scores")
LINT_NOT_TAG_IN = _warning("PIR0503", "`not(tag_in)` accepts candidates with no tag")
LINT_CLAMP = _warning("PIR0504", "a `clamp` with its bounds the wrong way round")
LINT_ACCEPTS_NOTHING = _warning("PIR0505", "a filter that accepts nothing of this catalogue")
LINT_NO_CONTEXT = _warning("PIR0506", "candidates with no context length")
LINT_NO_PRICE = _warning("PIR0507", "candidates with no price")
LINT_NOT_NFC = _warning("PIR0508", "a string that is not in Unicode normal form C")

# --- PIR06: catalogues ----------------------------------------------------------------------------------------
CATALOG_FORMAT = Code("PIR0601", "a catalogue file of another shape")
CATALOG_VERSION = Code("PIR0602", "a catalogue format of another version")
DUPLICATE_CANDIDATE = Code("PIR0603", "two candidates with one id")
CATALOG_FIELD = Code("PIR0604", "a catalogue field that the vocabulary does not declare")
CATALOG_VALUE = Code("PIR0605", "a catalogue value of another sort than its field")
CATALOG_MISSING = Code("PIR0606", "a candidate without a required key")
IMPORT_FORMAT = Code("PIR0607", "a price list of an unknown format")
IMPORT_SKIPPED = _warning("PIR0608", "a row that was not imported")
IMPORT_IGNORED = _warning("PIR0609", "a value of a row that was not imported")
CATALOG_SOURCE = Code("PIR0610", "a catalogue value for a field that the request supplies or a formula derives")
CATALOG_TOO_LARGE = Code("PIR0611", "a catalogue or price list that is too large")
CATALOG_OWN_KEY = Code("PIR0612", "a catalogue field that is one of its candidate's own keys")
STATE_FIELD = Code("PIR0613", "new state for a field that is not state")
STATE_CANDIDATE = Code("PIR0614", "new state for a candidate that the snapshot does not hold")
CATALOG_NAME = Code("PIR0615", "a name in a catalogue that is empty, too long or ill-formed")
CATALOG_RANGE = Code("PIR0616", "a catalogue value outside its field's range")
CATALOG_CONTRADICTION = Code("PIR0617", "a catalogue field that contradicts its candidate's capabilities")

# --- PIR07: vocabulary files, facts, floors, seeds ------------------------------------------------------------
VOCABULARY_FORMAT = Code("PIR0701", "a vocabulary file of another shape")
UNKNOWN_VOCABULARY = Code("PIR0702", "a vocabulary that is not known")
REDECLARED = Code("PIR0703", "a vocabulary entry that is declared already")
BAD_DECLARATION = Code("PIR0704", "a declaration whose parts do not fit together")
FORBIDDEN_PARAM = Code("PIR0705", "a request parameter that no vocabulary may declare")
DERIVED_FIELD = Code("PIR0706", "a derived field that the language does not define")
FACTS_FORMAT = Code("PIR0710", "request facts of another shape")
UNKNOWN_FACT = Code("PIR0711", "a fact that the language does not have")
UNKNOWN_NEED = Code("PIR0712", "a need that no capability answers")
UNKNOWN_PRIVACY = Code("PIR0713", "an unknown privacy level")
FACT_VALUE = Code("PIR0714", "a fact of another sort")
FACT_FIELD = Code("PIR0715", "a fact for a field that the request does not supply")
FACT_RANGE = Code("PIR0716", "a fact outside its range")
CHAT_FORMAT = Code("PIR0720", "a chat body of another shape")
BAD_SEED = Code("PIR0730", "a seed that is not an integer from 0 to 2^53 - 1")
BAD_FLOOR = Code("PIR0740", "a floor of another shape")
FLOOR_TOO_LARGE = Code("PIR0741", "a floor of more than 4094 nodes")

# --- PIR08: canonical bytes and interop -----------------------------------------------------------------------
CBOR_MALFORMED = Code("PIR0801", "bytes that are not CBOR")
CBOR_NOT_CANONICAL = Code("PIR0802", "CBOR that is not canonical")
CBOR_FORBIDDEN = Code("PIR0803", "a CBOR item that the language does not have")
CBOR_TRAILING = Code("PIR0804", "bytes after the term")
CBOR_TAG = Code("PIR0805", "canonical bytes of another kind or version")
CBOR_NOT_NORMAL = Code("PIR0806", "canonical bytes of a term that is not in normal form")
NOT_IN_PEER = Code("PIR0810", "an operation that sigma-pol/v2 does not have")

# --- PIR09: the router and its traces -------------------------------------------------------------------------
CONFIG_FORMAT = Code("PIR0901", "a router configuration that is not TOML")
CONFIG_KEY = Code("PIR0902", "a key that the router's configuration does not have")
CONFIG_MISSING = Code("PIR0903", "a key that the router's configuration must have")
CONFIG_TYPE = Code("PIR0904", "a configured value of another type")
CONFIG_RANGE = Code("PIR0905", "a configured value outside its range")
CONFIG_TWO_WAYS = Code("PIR0906", "one thing configured in two ways")
CONFIG_NAME = Code("PIR0907", "a name that the configuration, or its catalogue, does not have")
ENDPOINT_URL = Code("PIR0910", "an address that calls cannot go to")
NOT_SET = Code("PIR0911", "an environment variable that holds no key")
LITERAL_SECRET = Code("PIR0912", "a secret in the configuration itself")
OPEN_ADDRESS = Code("PIR0913", "a router without keys on a public address")
IDLE_ENDPOINT = _warning("PIR0914", "an endpoint that no candidate is served by")
UNKNOWN_CAPABILITY = Code("PIR0915", "a capability that no candidate could have")
SERVED_TWICE = Code("PIR0916", "two endpoints that serve the same candidates")
KEY_DIGEST = Code("PIR0917", "a digest of a bearer key that is none")
UNSERVED = _warning("PIR0918", "candidates that no endpoint serves")
ONE_KEY_TWICE = Code("PIR0919", "two bearer keys with one digest")
OPTION_SHAPE = Code("PIR0920", "a routing option that the router does not have, or of another type")
UNKNOWN_MODEL = Code("PIR0921", "a model that is neither a policy nor a flow nor a candidate")
TERM_AND_MODEL = Code("PIR0922", "a policy or flow without the model that stands for it, or the other way round")
BODY_NOT_JSON = Code("PIR0923", "a request body that is not a JSON object")
BODY_TOO_LARGE = Code("PIR0924", "a request body that is too large")
NOT_CARRIED_OUT = Code("PIR0925", "an operation that this router does not carry out")
POLICY_NOT_ALLOWED = Code("PIR0926", "a policy or flow that the bearer key may not use")
TRACE_STORE = Code("PIR0930", "a trace store that cannot be opened")
TRACE_PART = Code("PIR0931", "a part of a trace that is missing or damaged")
NO_TRACE = Code("PIR0932", "a trace that the store does not have")
BAD_TIME = Code("PIR0933", "a time that is not understood")
UNKNOWN_FAULT = Code("PIR0940", "a fault that the sandbox does not have")
FAULT_SETTING = Code("PIR0941", "a setting that a fault of the sandbox does not take")
FAULT_CANDIDATE = Code("PIR0942", "a fault for no candidate of the sandbox")
NO_OPENTELEMETRY = Code("PIR0950", "spans that are asked for, without the library that makes them")

# --- PIR10: flows -----------------------------------------------------------------------------------------------
NOT_A_FLOW = Code("PIR1001", "something other than a flow where a flow is due")
UNKNOWN_NODE_KIND = Code("PIR1002", "a node of a flow that is of no kind")
NODE_ARITY = Code("PIR1003", "a node of a flow with another number of arguments")
NODE_VALUE = Code("PIR1004", "a part of a node that is of another JSON type")
NODE_KEY = Code("PIR1005", "a key that the record of a node does not have")
NODE_REQUIRED_KEY = Code("PIR1006", "a node without its prompt, its policy or its inputs")
UNKNOWN_ON_ERROR = Code("PIR1007", "an unknown way to go on after a failed node")
NODE_NAME = Code("PIR1008", "a name that no node of a flow can have")
TOO_MANY_FLOW_NODES = Code("PIR1010", "a flow of more than 256 nodes")
TOO_MANY_INPUTS = Code("PIR1011", "a node of more than 32 inputs")
PROMPT_TOO_LONG = Code("PIR1012", "a prompt or template of more than 32 KiB")
PROMPTS_TOO_LONG = Code("PIR1013", "prompts and templates of more than 1 MiB together")
POLICIES_TOO_LARGE = Code("PIR1014", "policies of a flow that are too large together")
NOT_ONE_INPUT = Code("PIR1020", "a flow without exactly one input node")
NOT_ONE_OUTPUT = Code("PIR1021", "a flow without exactly one output node")
UNKNOWN_NODE = Code("PIR1022", "an input that is no node of the flow")
OUTPUT_READ = Code("PIR1023", "a node that reads the output")
INPUT_TWICE = Code("PIR1024", "a node that has the same input twice")
FLOW_CYCLE = Code("PIR1025", "nodes that depend on one another in a cycle")
NODE_NOT_REACHED = Code("PIR1026", "a node that does not depend on the input")
NODE_NOT_USED = Code("PIR1027", "a node that the output does not depend on")
TEMPLATE_INDEX = Code("PIR1028", "a template that refers to an input which the node does not have")
OUTPUT_OF_INPUT = Code("PIR1029", "an output that is the input, with no call between them")
NO_FLOW_STATEMENT = Code("PIR1040", "a word that starts no statement or setting of a flow")
FLOW_NAME_TWICE = Code("PIR1041", "a name that two nodes or two policies of a flow have")
UNDECLARED_POLICY = Code("PIR1042", "a policy that no statement of the flow declares")
SETTING_TWICE = Code("PIR1043", "a setting that a node has twice")
UNUSED_POLICY = _warning("PIR1044", "a policy that no node of the flow uses")
UNUSED_INPUT = _warning("PIR1045", "an input that the template of its node does not refer to")
BLOCK_INDENTATION = Code("PIR1046", "a line of a text block that begins otherwise than its closing quotes")

CODES: Mapping[str, Code] = MappingProxyType(
    {value.code: value for value in list(vars().values()) if isinstance(value, Code)}
)
"""All codes by their text, in the order of this file."""

LANGUAGE_CODES: Mapping[str, Code] = MappingProxyType(
    {text: code for text, code in CODES.items() if not text.startswith("PIR09")}
)
"""Those of the language, which every implementation of it has: all but the router's own."""


def page(code: Code) -> str:
    """The page of a code, Markdown; the same text is in the documentation."""
    from importlib import resources  # slow to import, and only this needs it

    return resources.files("policy_ir.diagnostics").joinpath("pages", f"{code.code}.md").read_text("utf-8")
