"""The paper's claims, each as one quantity from the summary and the bound that it has to meet."""
