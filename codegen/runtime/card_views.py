"""Metadata of cards and evaluation results in the infos of repositories."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from .fields import Promised

if TYPE_CHECKING:
    from hub_typed.cards.data import CardData, DatasetCardData, ModelCardData, SpaceCardData
    from hub_typed.cards.eval_results import EvalResultEntry

__all__ = ["DatasetCardView", "EvalResultsView", "ModelCardView", "SpaceCardView"]

Card = TypeVar("Card", bound="CardData")


class _Raw:
    """The raw metadata of an info; they follow changes of the object that was made of them."""

    def __init__(self, slot: Any) -> None:
        self._slot = slot

    def __get__(self, info: Any, owner: type) -> Any:
        if info is None:
            return self
        made: tuple[CardData, CardData] | None = getattr(info, "_card", None)
        if made is not None and made[0] != made[1]:
            before, raw = made[1].to_dict(), made[0].to_dict()
            unread = {name: value for name, value in self._slot.__get__(info).items() if name not in before}
            raw = {**unread, **raw}
            info._card = (made[0], made[0].copy())  # noqa: SLF001  # its own
            self._slot.__set__(info, raw)
        return self._slot.__get__(info, owner)

    def __set__(self, info: Any, raw: Any) -> None:
        self._slot.__set__(info, raw)
        info._card = None  # noqa: SLF001  # its own


class _CardView(Promised):
    """Metadata of a card, made of the raw ones when they are first read."""

    _card: tuple[Any, Any] | None

    if TYPE_CHECKING:
        card: dict[str, Any] | None
    else:
        __slots__ = ("_card",)

        def __init_subclass__(cls) -> None:
            super().__init_subclass__()
            if "__attrs_attrs__" in vars(cls):  # the class with slots that attrs makes of the written one
                cls.card = _Raw(vars(cls)["card"])

    def _made(self, of: Callable[[dict[str, Any]], Card]) -> Card | None:
        raw = self.card
        if raw is None:
            return None
        made: tuple[Card, Card] | None = getattr(self, "_card", None)
        if made is None:
            card = of(raw)
            made = self._card = (card, card.copy())
        return made[0]

    def _assign(self, value: CardData | None) -> None:
        self.card = None if value is None else value.to_dict()


class ModelCardView(_CardView):
    """Metadata of the card of a model."""

    __slots__ = ()

    @property
    def card_data(self) -> ModelCardData | None:
        """Metadata of the card; ``None`` if not requested or if there are none. Assign it to change the info."""
        from hub_typed.cards.data import ModelCardData

        return self._made(ModelCardData.of_info)

    @card_data.setter
    def card_data(self, value: ModelCardData | None) -> None:
        self._assign(value)

    @property
    def cardData(self) -> ModelCardData | None:  # noqa: N802  # the JSON name
        """Same as `card_data`."""
        return self.card_data


class DatasetCardView(_CardView):
    """Metadata of the card of a dataset."""

    __slots__ = ()

    @property
    def card_data(self) -> DatasetCardData | None:
        """Metadata of the card; ``None`` if not requested or if there are none. Assign it to change the info."""
        from hub_typed.cards.data import DatasetCardData

        return self._made(DatasetCardData.of_info)

    @card_data.setter
    def card_data(self, value: DatasetCardData | None) -> None:
        self._assign(value)

    @property
    def cardData(self) -> DatasetCardData | None:  # noqa: N802  # the JSON name
        """Same as `card_data`."""
        return self.card_data


class SpaceCardView(_CardView):
    """Metadata of the card of a Space."""

    __slots__ = ()

    @property
    def card_data(self) -> SpaceCardData | None:
        """Metadata of the card; ``None`` if not requested or if there are none. Assign it to change the info."""
        from hub_typed.cards.data import SpaceCardData

        return self._made(SpaceCardData.of_info)

    @card_data.setter
    def card_data(self, value: SpaceCardData | None) -> None:
        self._assign(value)

    @property
    def cardData(self) -> SpaceCardData | None:  # noqa: N802  # the JSON name
        """Same as `card_data`."""
        return self.card_data


class EvalResultsView:
    """Evaluation results of a model, parsed."""

    __slots__ = ()
    if TYPE_CHECKING:
        eval_result_items: list[dict[str, Any]] | None

    @property
    def eval_results(self) -> list[EvalResultEntry] | None:
        """Results in the files ``.eval_results/*.yaml``, without invalid ones; ``None`` if not requested."""
        from hub_typed.cards.eval_results import valid_entries

        return None if self.eval_result_items is None else valid_entries(self.eval_result_items)

    @property
    def evalResults(self) -> list[EvalResultEntry] | None:  # noqa: N802  # the JSON name
        """Same as `eval_results`."""
        return self.eval_results
