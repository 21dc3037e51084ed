"""Bokeh figures of what was measured, each with a static picture and a sentence.

Take `figure` (how every plot looks), and a module for each kind of plot.
"""
