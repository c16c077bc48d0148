"""A small convolutional autoencoder, for config/convolutional.yaml: how to bring a network of your own."""

from torch import nn


class Convolutional(nn.Module):
    """Two convolutions each way, for images whose sides are multiples of 4."""

    def __init__(self, image_shape: tuple[int, int, int], latent_dim: int, channels: int):
        super().__init__()
        colours, height, width = image_shape
        small = (2 * channels, height // 4, width // 4)
        units = 2 * channels * (height // 4) * (width // 4)
        self.encoder = nn.Sequential(
            nn.Conv2d(colours, channels, 3, stride=2, padding=1),
            nn.BatchNorm2d(channels),
            nn.ReLU(),
            nn.Conv2d(channels, 2 * channels, 3, stride=2, padding=1),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(units, latent_dim),
        )
        self.decoder = nn.Sequential(
            nn.Linear(latent_dim, units),
            nn.ReLU(),
            nn.Unflatten(1, small),
            nn.ConvTranspose2d(2 * channels, channels, 4, stride=2, padding=1),
            nn.ReLU(),
            nn.ConvTranspose2d(channels, colours, 4, stride=2, padding=1),
            nn.Sigmoid(),
        )


def autoencoder(image_shape: tuple[int, int, int], latent_dim: int, channels: int = 8) -> Convolutional:
    """What the config names: a module with ``encoder`` and ``decoder``, in training mode, its weights drawn."""
    return Convolutional(image_shape, latent_dim, channels)
