"""Who somebody is: identities and how they are proven."""
