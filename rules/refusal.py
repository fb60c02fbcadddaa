"""What is not done that somebody asked for, in a sentence for them."""


class Refused(ValueError):  # noqa: N818
    """`sentence` is for people and stands in the catalogues; `values` fill its gaps."""

    def __init__(self, sentence: str, **values: object) -> None:
        self.sentence = sentence
        self.values = values
        super().__init__(sentence.format(**values))
