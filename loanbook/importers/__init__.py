"""Importers: one short file for each kind of public or private loan file. To write one, copy the nearest and name it in manage.py."""
