"""The page of ``mlopsc graph --format html``: every pipeline, drawn, with what each part of it is."""

from .document import page

__all__ = ["page"]
