"""Reveals of direct identifiers: which there are, what they may be asked for, and what the words must say."""

from rules.refusal import Refused
from rules.text import N_

# What a direct identifier is called, by its column in the loan database.
FIELDS = {
    "full_name": N_("Name"),
    "phone": N_("Phone number"),
    "id_number": N_("Identity number"),
    "guarantor": N_("Guarantor"),
}

# What somebody may need one for.
PURPOSES = {
    "call": N_("To call the applicant"),
    "identity": N_("To check the applicant's identity"),
    "documents": N_("To compare documents"),
    "fraud": N_("To follow up a suspicion of fraud"),
    "complaint": N_("To answer a complaint"),
}

SHORTEST_WORDS, LONGEST_WORDS = 5, 500


def told(words: str) -> str:
    """The words that go on record; `Refused` where they say too little or too much."""
    said = " ".join(words.split())
    if not SHORTEST_WORDS <= len(said) <= LONGEST_WORDS:
        raise Refused(
            N_("Say what you need it for, in {least} to {most} characters."), least=SHORTEST_WORDS, most=LONGEST_WORDS
        )
    return said
