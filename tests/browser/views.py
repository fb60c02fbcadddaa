"""Every page and every part of one, as browser tests go through them."""

from components.guides.registry import GUIDES

VIEWS = [f"/{page}{f'?part={part}' if part else ''}" for page, of_page in GUIDES.items() for part in of_page]
