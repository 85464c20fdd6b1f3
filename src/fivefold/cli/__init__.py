"""The program ``fivefold``: each verb is a module, imported when it is used."""
