"""The REST interface of partners and set-up."""
