"""The figures of the paper and some beside them, one module each, drawn from the summary alone.

Every module has one public function ``draw(summary, figures)``; ``figures`` is the config key of that name. What they
share: style.py, the look; panels.py, what stands in several of them.
"""
