"""Metadata of cards in the infos of repositories."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from hub_typed.cards.data import CardData, DatasetCardData, ModelCardData, SpaceCardData

__all__ = ["DatasetCardView", "ModelCardView", "SpaceCardView"]

Card = TypeVar("Card", bound="CardData")


class _CardView:
    """Metadata of a card, made of the raw ones when they are first read."""

    _card: tuple[object, Any]

    if TYPE_CHECKING:
        card: dict[str, Any] | None
    else:
        __slots__ = ("_card",)

    def _made(self, of: Callable[[dict[str, Any]], Card]) -> Card | None:
        raw = self.card
        if raw is None:
            return None
        made: tuple[object, Card] | None = getattr(self, "_card", None)
        if made is None or made[0] is not raw:
            made = self._card = (raw, of(raw))
        return made[1]

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
