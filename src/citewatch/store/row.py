"""What all tables share."""

from __future__ import annotations

from typing import ClassVar

from sqlalchemy import MetaData
from sqlmodel import SQLModel


class Row(SQLModel):
    """A catalogue of their own, apart from other users of SQLModel."""

    metadata: ClassVar[MetaData] = MetaData()
