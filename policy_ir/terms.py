"""The typed tree: one frozen class per operation, whose annotations are the signature.

A class states everything the language knows about an operation: its name on the wire, its sort (the base
class), its arguments (the annotations, in wire order), its algebraic laws, its feature and the version that
brought it. `policy_ir.signature` reads the table off these classes; nothing else lists the operations.

Trees are source trees: they keep what the author wrote (sibling order, duplicate conjuncts, both spellings of
a chain key). Only `policy_ir.normal_form` rewrites them. Numbers are always binary64 and never -0, so that
equal trees are equal terms. Specification: chapter "Syntax", section "Signature".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, ClassVar, Literal, TypeAlias, TypeVar, dataclass_transform, get_args

import attrs

# --- where a node came from ----------------------------------------------------------------------------------


@attrs.frozen(slots=True)
class Origin:
    """The place in the author's own term that a node came from; never part of a term's identity.

    `source` names the term (`policy` for the caller's, `floor` for the host's); `pointer` is the JSON Pointer
    (RFC 6901) of the node in the wire form of that term, `""` for its root.
    """

    source: str
    pointer: str


# --- parameter sorts -----------------------------------------------------------------------------------------


@attrs.frozen(slots=True)
class ParameterSort:
    """A sort of parameters: its name in the specification and what a value of it is, for messages."""

    name: str
    expected: str


@attrs.frozen(slots=True)
class Subsort:
    """A subset of a term sort that admission checks; `parent` is the sort the grammar checks."""

    name: str
    parent: str
    expected: str


Relation: TypeAlias = Literal["lt", "le", "eq", "ne", "ge", "gt"]
Verb: TypeAlias = Literal["retry_same", "next_candidate", "next_provider_same_model", "disable_provider", "abort"]
RELATIONS: tuple[Relation, ...] = get_args(Relation)
VERBS: tuple[Verb, ...] = get_args(Verb)


def _number(value: float) -> float:
    """The binary64 of a number, with -0 read as 0; what is no number stays, for admission to refuse."""
    return float(value) + 0.0 if isinstance(value, int | float) and not isinstance(value, bool) else value


def _maybe_number(value: float | None) -> float | None:
    return None if value is None else _number(value)


def _backoff(value: float | tuple[float, ...] | None) -> float | tuple[float, ...] | None:
    return tuple(map(_number, value)) if isinstance(value, tuple) else _maybe_number(value)


def _entries(value: tuple[tuple[str, float], ...]) -> tuple[tuple[str, float], ...]:
    """Entries of a record in code-point order of their keys: the order they are written in carries no meaning."""
    return tuple(sorted((key, _number(number)) for key, number in value))


@attrs.frozen(slots=True)
class Number:
    """A number as a `Scalar`."""

    value: float = attrs.field(converter=_number)


@attrs.frozen(slots=True)
class Text:
    """A string as a `Scalar`."""

    value: str


@attrs.frozen(slots=True)
class Boolean:
    """A boolean as a `Scalar`."""

    value: bool


@attrs.frozen(slots=True)
class Action:
    """What to do after a failure. `None` means that the key is absent; `extra` holds further numeric keys, by name."""

    action: Verb
    attempts: float | None = attrs.field(default=None, converter=_maybe_number)
    backoff_ms: float | tuple[float, ...] | None = attrs.field(default=None, converter=_backoff)
    then_action: Verb | None = None
    open_breaker_ms: float | None = attrs.field(default=None, converter=_maybe_number)
    extra: tuple[tuple[str, float], ...] = attrs.field(default=(), converter=_entries)


ACTION_KEYS = tuple(field.name for field in attrs.fields(Action) if field.name != "extra")
"""The keys of an action record that mean something to the language."""


@attrs.frozen(slots=True)
class RecipeRecord:
    """A recipe step with settings: step names to numbers, by name."""

    entries: tuple[tuple[str, float], ...] = attrs.field(converter=_entries)


@attrs.frozen(slots=True)
class ChainEntry:
    """One (provider, model) pair of a whitelist, under the spellings that its author used."""

    provider: str | None = None
    provider_id: str | None = None
    model: str | None = None
    model_family: str | None = None

    @property
    def pair(self) -> tuple[str | None, str | None]:
        """The provider and the model family; `provider` and `model` win where both spellings are given."""
        return (
            self.provider_id if self.provider is None else self.provider,
            self.model_family if self.model is None else self.model,
        )


CHAIN_KEYS = (("provider", "provider_id"), ("model", "model_family"))
"""The two spellings of each key of a chain's record; one of each must be there."""


Num = Annotated[float, ParameterSort("Num", "a finite number")]
Count = Annotated[float, ParameterSort("Count", "an integral number >= 1")]
Rel = Annotated[Relation, ParameterSort("Rel", "a relation: `lt`, `le`, `eq`, `ne`, `ge` or `gt`")]
NumField = Annotated[str, ParameterSort("NumField", "the name of a numeric field")]
BoolField = Annotated[str, ParameterSort("BoolField", "the name of a boolean field")]
TagField = Annotated[str, ParameterSort("TagField", "the name of a tag field")]
Field = Annotated[str, ParameterSort("Field", "the name of a field")]
Tier = Annotated[str, ParameterSort("Tier", "the name of a tier")]
Name = Annotated[str, ParameterSort("Name", "a name")]
Names = Annotated[tuple[str, ...], ParameterSort("Names", "a list of one or more names")]
ParamName = Annotated[str, ParameterSort("ParamName", "the name of a request parameter")]
Scalar = Annotated[Number | Text | Boolean, ParameterSort("Scalar", "a number, a string or a boolean")]
Sym = Annotated[str, ParameterSort("Sym", "the name of a custom transform")]
Reason = Annotated[str, ParameterSort("Reason", "the name of a failure reason")]
Recipe = Annotated[tuple[str | RecipeRecord, ...], ParameterSort("Recipe", "a list of filter steps")]
Chain = Annotated[tuple[ChainEntry, ...], ParameterSort("Chain", "a list of provider and model records")]
ActionParam = Annotated[Action, ParameterSort("Action", "an action record")]


# --- term sorts ----------------------------------------------------------------------------------------------


@attrs.frozen(slots=True)
class Laws:
    """The algebraic laws that the normal form uses for a variadic operation, by operation name."""

    unit: str | None = None
    absorber: str | None = None
    commutative: bool = False
    idempotent: bool = False


T = TypeVar("T", bound=type)


def _numbers_are_binary64(_: type, fields: list[attrs.Attribute[Any]]) -> list[attrs.Attribute[Any]]:
    """Give every `Num` and `Count` the converter that makes equal numbers equal terms."""
    return [field.evolve(converter=_number) if str(field.type) in ("Num", "Count") else field for field in fields]


@dataclass_transform(frozen_default=True, field_specifiers=(attrs.field,))
def _node(cls: T) -> T:
    """Make a class of the tree: frozen, compared by its arguments."""
    made: T = attrs.frozen(slots=True, field_transformer=_numbers_are_binary64)(cls)
    return made


@_node
class Term:
    """Base of all terms. `origin` says where the node came from and takes no part in equality."""

    op: ClassVar[str]
    feature: ClassVar[str]
    since: ClassVar[str]
    laws: ClassVar[Laws | None]

    origin: Origin | None = attrs.field(default=None, eq=False, repr=False, kw_only=True)


@_node
class Pred(Term):
    """A predicate: accepts a candidate, or refuses it with a reason."""


@_node
class Scorer(Term):
    """A scorer: gives each candidate of a population an extended real, or undefined."""


@_node
class Selector(Term):
    """A selector: turns scored survivors into the order in which they are tried."""


@_node
class Xform(Term):
    """A transform of the outgoing request."""


@_node
class FailPlan(Term):
    """A failure plan: what to do for each failure reason."""


Pointwise = Annotated[Scorer, Subsort("Pointwise", "Scorer", "a scorer without `normalize`")]


@dataclass_transform(frozen_default=True, field_specifiers=(attrs.field,))
def operation(name: str, *, feature: str = "core", since: str = "1", laws: Laws | None = None) -> Callable[[T], T]:
    """Make a class the operation `name`; `feature` is `core` for what sigma-pol/v2 has too."""

    def declare(cls: T) -> T:
        made: Any = _node(cls)
        made.op, made.feature, made.since, made.laws = name, feature, since, laws
        return made  # type: ignore[no-any-return]

    return declare


# --- predicates ----------------------------------------------------------------------------------------------


@operation("top")
class Top(Pred):
    """Accepts every candidate."""


@operation("bot")
class Bot(Pred):
    """Refuses every candidate."""


@operation("and", laws=Laws(unit="top", absorber="bot", commutative=True, idempotent=True))
class And(Pred):
    """Accepts where all of its predicates accept."""

    preds: tuple[Pred, ...]


@operation("or", laws=Laws(unit="bot", absorber="top", commutative=True, idempotent=True))
class Or(Pred):
    """Accepts where any of its predicates accepts."""

    preds: tuple[Pred, ...]


@operation("not")
class Not(Pred):
    """Accepts where its predicate refuses."""

    pred: Pred


@operation("meets_req")
class MeetsReq(Pred):
    """The candidate meets the request's requirement block."""


@operation("scope_matches")
class ScopeMatches(Pred):
    """The candidate has no scope, or the request's."""


@operation("is")
class Is(Pred):
    """A boolean field is set."""

    field: BoolField


@operation("cmp")
class Cmp(Pred):
    """A numeric field stands in a relation to a number."""

    field: NumField
    rel: Rel
    bound: Num


@operation("tier_eq")
class TierEq(Pred):
    """The candidate is of this tier."""

    tier: Tier


@operation("min_tier")
class MinTier(Pred):
    """The candidate's tier is this one or a later one in the declared order."""

    tier: Tier


@operation("family_eq")
class FamilyEq(Pred):
    """The candidate's model family is this one."""

    family: Name


@operation("provider_eq")
class ProviderEq(Pred):
    """The candidate's provider is this one."""

    provider: Name


@operation("served_by_eq")
class ServedByEq(Pred):
    """The route that executes the call (a marketplace peer, or the provider itself) is this one."""

    served_by: Name


@operation("has_cap")
class HasCap(Pred):
    """The candidate has this capability."""

    capability: Name


@operation("tag_in", feature="tags")
class TagIn(Pred):
    """The candidate's tag is one of these; of a set-valued tag, any."""

    field: TagField
    values: Names


@operation("test", feature="pointwise-test")
class Test(Pred):
    """A score stands in a relation to a number; undefined stands in none."""

    __test__: ClassVar[bool] = False  # not a test case

    scorer: Pointwise
    rel: Rel
    bound: Num


@operation("known", feature="known")
class Known(Pred):
    """The candidate has an observation for this field, not only the default."""

    field: Field


# --- scorers -------------------------------------------------------------------------------------------------


@operation("zero")
class Zero(Scorer):
    """The score 0."""


@operation("lit")
class Lit(Scorer):
    """A constant score."""

    value: Num


@operation("field")
class FieldScore(Scorer):
    """The observation of a numeric field."""

    field: NumField


@operation("add", laws=Laws(unit="zero", commutative=True))
class Add(Scorer):
    """The sum of its scorers."""

    scorers: tuple[Scorer, ...]


@operation("scale")
class Scale(Scorer):
    """A scorer times a number."""

    factor: Num
    scorer: Scorer


@operation("neg")
class Neg(Scorer):
    """1 minus a scorer."""

    scorer: Scorer


@operation("normalize")
class Normalize(Scorer):
    """A scorer brought to 0..1 by the least and the greatest finite value of the population."""

    scorer: Scorer


@operation("clamp")
class Clamp(Scorer):
    """A scorer held between two numbers; below `lo` is tested first."""

    lo: Num
    hi: Num
    scorer: Scorer


@operation("gate")
class Gate(Scorer):
    """A scorer where the predicate accepts, 0 where it refuses."""

    pred: Pred
    scorer: Scorer


# --- selectors -----------------------------------------------------------------------------------------------


@operation("argmax")
class Argmax(Selector):
    """By score, descending."""


@operation("ordered")
class Ordered(Selector):
    """In catalogue order."""


@operation("sample")
class Sample(Selector):
    """A seeded draw without replacement, with weights that fall geometrically with the rank."""

    temperature: Num


@operation("chain")
class ChainSelector(Selector):
    """A whitelist in priority order."""

    chain: Chain


@operation("top_k")
class TopK(Selector):
    """The first k of the inner order."""

    k: Count
    selector: Selector


@operation("prefer")
class Prefer(Selector):
    """The inner order, candidates that the predicate accepts first."""

    pred: Pred
    selector: Selector


@operation("rank_by", feature="rerank")
class RankBy(Selector):
    """The inner order, sorted again by a scorer over just those candidates."""

    scorer: Scorer
    selector: Selector


# --- transforms ----------------------------------------------------------------------------------------------


@operation("id")
class Id(Xform):
    """Leaves the request as it is."""


@operation("seq", laws=Laws(unit="id"))
class Seq(Xform):
    """Transforms in order."""

    xforms: tuple[Xform, ...]


@operation("set_param")
class SetParam(Xform):
    """Sets a request parameter."""

    param: ParamName
    value: Scalar


@operation("inject_seed")
class InjectSeed(Xform):
    """Sets a request parameter to the seed, where there is one."""

    param: ParamName


@operation("drop_param", feature="drop-param")
class DropParam(Xform):
    """Removes a request parameter."""

    param: ParamName


@operation("clamp_param")
class ClampParam(Xform):
    """Holds a numeric request parameter between two numbers."""

    param: ParamName
    lo: Num
    hi: Num


@operation("jitter")
class Jitter(Xform):
    """Adds a seeded amount of at most plus or minus `amplitude` to a request parameter."""

    param: ParamName
    amplitude: Num


@operation("filter_text")
class FilterText(Xform):
    """A directive for the host: filter the text of the request."""

    recipe: Recipe


@operation("filter_image")
class FilterImage(Xform):
    """A directive for the host: filter the images of the request."""

    recipe: Recipe


@operation("custom")
class Custom(Xform):
    """A directive for the host: a transform that it declared by this symbol."""

    symbol: Sym


@operation("when")
class When(Xform):
    """A transform where the predicate accepts the chosen candidate."""

    pred: Pred
    xform: Xform


# --- failure plans and policies ------------------------------------------------------------------------------


@operation("always")
class Always(FailPlan):
    """The same action for every reason."""

    action: ActionParam


@operation("override")
class Override(FailPlan):
    """Another action for one reason."""

    plan: FailPlan
    reason: Reason
    action: ActionParam


@operation("policy")
class Policy(Term):
    """Filter, rank, select, mutate, fallback."""

    filter: Pred
    rank: Scorer
    select: Selector
    mutate: Xform
    fallback: FailPlan


# --- the operations of each sort, closed ---------------------------------------------------------------------
# For exhaustive `match` statements: after every member a checker proves that nothing is left over. A test holds
# these unions and the signature together.

AnyPred: TypeAlias = (
    Top | Bot | And | Or | Not | MeetsReq | ScopeMatches | Is | Cmp | TierEq | MinTier | FamilyEq | ProviderEq
    | ServedByEq | HasCap | TagIn | Test | Known
)  # fmt: skip
AnyScorer: TypeAlias = Zero | Lit | FieldScore | Add | Scale | Neg | Normalize | Clamp | Gate
AnySelector: TypeAlias = Argmax | Ordered | Sample | ChainSelector | TopK | Prefer | RankBy
AnyXform: TypeAlias = (
    Id | Seq | SetParam | InjectSeed | DropParam | ClampParam | Jitter | FilterText | FilterImage | Custom | When
)  # fmt: skip
AnyFailPlan: TypeAlias = Always | Override
AnyTerm: TypeAlias = AnyPred | AnyScorer | AnySelector | AnyXform | AnyFailPlan | Policy
