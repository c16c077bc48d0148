"""What turns a config into a run of the workflow: the only modules that know its keys, beside the scripts."""
