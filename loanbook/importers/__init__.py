"""Importers: one short file for each kind of public or private file. Copy the nearest and name it in manage.py."""
