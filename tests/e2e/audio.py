# SPDX-License-Identifier: Apache-2.0
"""Measures recordings by content: frequency, level, gaps, noise. s16le, 48 kHz, mono; the standard library only."""
import array
import math
import wave

RATE = 48000
TONE_RMS = 16000 / math.sqrt(2)  # what --send-tone sends


def read(path):
    """Samples of a .raw or .wav recording."""
    if str(path).endswith(".wav"):
        with wave.open(str(path)) as w:
            assert (w.getframerate(), w.getnchannels(), w.getsampwidth()) == (RATE, 1, 2)
            data = w.readframes(w.getnframes())
    else:
        data = open(path, "rb").read()
    samples = array.array("h")
    samples.frombytes(data[:len(data) // 2 * 2])
    return samples


def write_tone(path, hz, seconds, amplitude=16000):
    array.array("h", [round(amplitude * math.sin(2 * math.pi * hz * i / RATE)) for i in range(int(RATE * seconds))]
                ).tofile(open(path, "wb"))


def seconds(samples):
    return len(samples) / RATE


def rms(samples):
    return math.sqrt(sum(s * s for s in samples) / len(samples)) if samples else 0.0


def middle(samples):
    """Without the first and last tenth, where codecs and buffers settle."""
    cut = len(samples) // 10
    return samples[cut:len(samples) - cut]


def frequency(samples):
    """Of a single tone, from its upward zero crossings."""
    at = []
    for i in range(1, len(samples)):
        if samples[i - 1] < 0 <= samples[i]:
            at.append(i - samples[i] / (samples[i] - samples[i - 1]))
    return (len(at) - 1) * RATE / (at[-1] - at[0]) if len(at) > 1 else 0.0


def level(samples, hz):
    """RMS of one frequency."""
    step, re, im = 2 * math.pi * hz / RATE, 0.0, 0.0
    for i, s in enumerate(samples):
        re += s * math.cos(step * i)
        im += s * math.sin(step * i)
    return math.sqrt(2) * math.hypot(re, im) / max(len(samples), 1)


def snr_db(samples, hz):
    """Of a tone against everything else, in blocks of 100 ms, so that a phase that creeps does not count as noise."""
    signal = noise = 0.0
    for start in range(0, len(samples) - 4800 + 1, 4800):
        block = samples[start:start + 4800]
        tone = level(block, hz) ** 2
        signal += tone
        noise += max(rms(block) ** 2 - tone, 1e-9)
    return 10 * math.log10(signal / noise) if noise else 0.0


def decibels(a, b):
    return 20 * math.log10(a / b) if a > 0 and b > 0 else -math.inf


def gaps(samples, floor):
    """How many blocks of 10 ms, between first and last sound, are quieter than `floor` RMS."""
    blocks = [rms(samples[i:i + 480]) for i in range(0, len(samples) - 479, 480)]
    loud = [i for i, r in enumerate(blocks) if r >= floor]
    return sum(1 for r in blocks[loud[0]:loud[-1] + 1] if r < floor) if loud else len(blocks)


def sound(samples, floor=500):
    """The recording from its first to its last block of 10 ms above `floor`."""
    loud = [i for i in range(0, len(samples) - 479, 480) if rms(samples[i:i + 480]) >= floor]
    return samples[loud[0]:loud[-1] + 480] if loud else samples[:0]
