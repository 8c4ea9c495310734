"""Monitors: is the model in production still fed and answering as it was when it was accepted?"""
