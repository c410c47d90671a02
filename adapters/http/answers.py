"""What an answer is declared as: endpoints write it themselves, and the API's document says what stands in it."""

from pydantic import BaseModel, ConfigDict


class Answer(BaseModel):
    """An answer, or a part of one; only the making of the document has its validator built, which takes memory."""

    model_config = ConfigDict(defer_build=True)
