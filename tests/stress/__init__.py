"""Many processes at one store, some of them killed at any moment: is every row there once?"""
