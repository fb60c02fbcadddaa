"""How reminders and collection went: contacts, late loans, what a reminder changes, complaints."""
