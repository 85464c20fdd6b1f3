"""What a value of CQL is: types, their forms in the store, on the wire and as text, their order."""
