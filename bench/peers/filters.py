import numpy as np
from scipy.signal import butter, sosfilt

from serve import read_array, serve


def prepare(data):
    nyquist, order = data["nyquist"], data["order"]
    bands = zip(read_array(data, "low") / nyquist, read_array(data, "high") / nyquist)
    filters = [butter(order, band, btype="band", output="sos") for band in bands]
    lowpass = butter(order, data["cutoff"] / nyquist, output="sos")
    sound = read_array(data, "sound")

    def run():
        return np.array([sosfilt(lowpass, np.abs(sosfilt(f, sound))) for f in filters]).T

    return run


serve({f"order-{order}": prepare for order in (2, 4)})
