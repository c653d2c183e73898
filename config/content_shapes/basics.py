"""What the shapes of all content files share."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)

Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Target = Annotated[str, StringConstraints(pattern=r"^(@same|@back|@resume|[a-z][a-z0-9_]{0,39})$")]
Key = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,2}$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=1200)]
Line = Annotated[str, StringConstraints(min_length=1, max_length=300)]
Seconds = Annotated[float, Field(gt=0, le=30 * 86_400)]
UrgencyWord = Literal["routine", "soon", "urgent", "emergency"]
Count = Annotated[int, Field(ge=1, le=1000)]


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Ids = Annotated[list[Id], BeforeValidator(_as_list)]
Lines_ = Annotated[list[Line], BeforeValidator(_as_list)]


class Shape(BaseModel):
    """A map with these fields and no others."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class About(Shape):
    """What a file that states facts rests on."""

    sources: Lines_ = Field(description="Where the facts come from, so that anyone can check them.")
    reviewed_on: date = Field(description="The day the file was last compared with its sources.")
    expires_on: date = Field(description="The day from which it must be compared again.")
    sign_off: Line = Field(description="Who must sign the file off, or who did.")
