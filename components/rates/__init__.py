"""The cards of the default rates page: each is given frames and draws its answer, figure, table and caption."""
