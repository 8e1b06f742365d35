import io

import matplotlib

matplotlib.use("agg")
import matplotlib.pyplot as plt
import numpy as np

from serve import read_array, serve


def picture(draw, kind):
    """The size in bytes of what `draw(axes)` gives, 1600 x 800 pixels."""
    figure, axes = plt.subplots(figsize=(16, 8), dpi=100)
    draw(axes)
    axes.set_xlabel("Time (s)")
    file = io.BytesIO()
    figure.savefig(file, format=kind)
    plt.close(figure)
    return np.array([file.tell()])


def raster(data):
    # As the original draws events: a scatter plot.
    times, channels = read_array(data, "times"), read_array(data, "channels")
    return lambda: picture(lambda axes: axes.scatter(times, channels, s=1), "png")


def trace(data):
    times, samples = read_array(data, "times"), read_array(data, "samples")
    return lambda: picture(lambda axes: axes.plot(times, samples), "svg")


serve({"png": raster, "trace": trace})
