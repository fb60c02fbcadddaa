"""A public invitation tree: who invited whom and when, without names, loans or applications.

The folder holds edges.csv (user_id, inviter_id, joined_at) and activity.csv.gz (user_id, created_at). People of whom
only their invitees are known have no date: they are taken to have joined with the first whom they invited, and marked.
The contract has no place for what people wrote and how it was liked: activity tells only how far the book reaches.
Cycles and people who invited themselves are kept as they stand; `check` reports them, the snapshot cuts them.
"""

from pathlib import Path

from loanbook import books, schema
from loanbook.importers.reading import open_csv
from loanbook.importers.writing import Progress, write
from rules.calendar import business_date

PEOPLE, PEOPLE_COLUMNS = "edges.csv", ("user_id", "inviter_id", "joined_at")
ACTIVITY, ACTIVITY_COLUMNS = "activity.csv.gz", ("user_id", "created_at")


def load(folder: Path, target: Path, progress: Progress) -> None:
    """Write the people of an invitation tree as a book; `ImportFault` names every faulty row and leaves no book."""
    progress("Reading", 0.0)
    people = open_csv(folder / PEOPLE, PEOPLE_COLUMNS)
    ids = people.key("user_id")
    inviter_id = people.whole("inviter_id", optional=True)
    joined_at = people.instant("joined_at", optional=True)
    first_invited_at = ids.map(joined_at.groupby(inviter_id).min())
    people.note(inviter_id.notna() & ~inviter_id.isin(ids), "inviter_id", "{value} is no user_id of this file")
    undated = people.text("joined_at", optional=True).isna()
    people.note(
        undated & first_invited_at.isna(), "joined_at", "is empty, and so it is for everybody whom they invited"
    )
    people.finish()

    activity = open_csv(folder / ACTIVITY, ACTIVITY_COLUMNS)
    active_id = activity.whole("user_id")
    active_at = activity.instant("created_at")
    activity.note(active_id.notna() & ~active_id.isin(ids), "user_id", f"{{value}} is no user_id of {PEOPLE}")
    activity.finish()

    newest_at = max(joined_at.max(), active_at.max())
    write(
        target,
        books.Note(
            "Invitation tree",
            business_date(newest_at.tz_localize("UTC").to_pydatetime()),
            public=True,
            source="rebuilt from public snapshots of lobste.rs; partial",
        ),
        {
            schema.member: {
                "id": ids,
                "registered_at": joined_at.fillna(first_invited_at),
                "full_name": "",
                "phone": "",
                "id_number": "",
                "acquisition_channel": inviter_id.notna().map({True: "referral", False: None}),
                "referred_by_id": inviter_id,
                "dates_imputed": undated,
            },
        },
        progress,
    )
