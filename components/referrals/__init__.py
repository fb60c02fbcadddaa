"""The cards of the referrals page: each is given frames and draws its answer, figure, table and caption."""
