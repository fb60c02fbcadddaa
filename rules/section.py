"""A section of the policy file."""

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """Takes what it names and nothing else."""

    model_config = ConfigDict(extra="forbid", frozen=True)
