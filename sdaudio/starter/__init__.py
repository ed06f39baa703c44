"""The sounds and the model that come with sdaudio, so that it plays before anybody has trained.

``starter.sda`` beside this file is a model trained on what `sdaudio.starter.synthesis` renders.
"""
