"""The sums that a convolution is made of, over blocks of points in lockstep."""

import numpy as np
from numba import njit

LANES = 128
"""Columns in a block: what they add up to stays in the first cache, and what is done once a pixel takes little time."""

compiled = njit(cache=True, error_model="numpy", nogil=True, fastmath={"contract"})
inlined = njit(cache=True, error_model="numpy", nogil=True, fastmath={"contract"}, forceinline=True)


@compiled
def add_up(values, weights, bias, slopes, result, channels, first, pixel, tap):
    """result[q] = bias + Σ weights[tap · channels + c] ⊗ values[pixel · channels + c] over what meets in q and all c.

    Times slopes[q], if there are any, whose columns are those of each direction. Rows of values that are zero in a
    whole block of columns are left out, and so are rows of slopes that are zero at all points.

    Parameters
    ----------
    values : np.ndarray
        (pixels · channels, columns), contiguous like all arrays here.
    weights : np.ndarray
        (taps · channels + 1, outputs), the last row zeros.
    bias : np.ndarray
        (outputs,)
    slopes : np.ndarray
        (pixels of the result, outputs, points), or (0, outputs, 1) for none.
    result : np.ndarray
        (pixels of the result, outputs, columns), filled here.
    channels : int
        Of ``values``.
    first, pixel, tap : np.ndarray
        Of ``convolution.Meetings``.
    """
    outputs, columns = result.shape[1:]
    points = slopes.shape[2] if len(slopes) else columns
    total = np.empty(outputs * LANES, values.dtype)
    most = np.max(first[1:] - first[:-1]) * channels + 3
    of_values, of_weights = np.empty(most, np.int64), np.empty(most, np.int64)
    alive, of_outputs = np.empty(len(values), np.bool_), np.arange(outputs)
    for start in range(0, columns, LANES):
        lanes = min(columns - start, LANES)
        for each in range(len(values)):
            alive[each] = _any(values[each, start : start + lanes])
        for q in range(len(result)):
            count = 0
            for meeting in range(first[q], first[q + 1]):
                for c in range(channels):
                    if alive[pixel[meeting] * channels + c]:
                        of_values[count] = pixel[meeting] * channels + c
                        of_weights[count] = tap[meeting] * channels + c
                        count += 1
            while count % 4:
                of_values[count], of_weights[count] = of_values[count - 1], len(weights) - 1
                count += 1
            live = outputs
            if len(slopes):
                live = 0
                for m in range(outputs):
                    if _any(slopes[q, m]):
                        of_outputs[live] = m
                        live += 1
                    else:
                        result[q, m, start : start + lanes] = 0
            for j in range(live):
                row, begin = total[j * LANES : (j + 1) * LANES], bias[of_outputs[j]]
                for i in range(LANES):
                    row[i] = begin
            for k in range(0, count, 4):
                _add_four(
                    total, values, weights, of_values[k : k + 4], of_weights[k : k + 4], of_outputs[:live], start, lanes
                )
            for j in range(live):
                m, done = of_outputs[j], 0
                while done < lanes:
                    point = (start + done) % points
                    more = min(points - point, lanes - done)
                    row = total[j * LANES + done : j * LANES + done + more]
                    into = result[q, m, start + done : start + done + more]
                    if len(slopes):
                        slope = slopes[q, m, point : point + more]
                        for i in range(more):
                            into[i] = row[i] * slope[i]
                    else:
                        for i in range(more):
                            into[i] = row[i]
                    done += more


@inlined
def _any(values):
    for value in values:  # noqa: SIM110 (numba has no any)
        if value != 0:
            return True
    return False


@inlined
def _add_four(total, values, weights, of_values, of_weights, of_outputs, start, lanes):
    """total[j] += Σ weights[k, of_outputs[j]] values[k] over four rows k: as many as have their weights in registers.

    Rows of the sum have a fixed length, so that the compiler sees that four of them are apart; values are read once, as
    it does not see that they are no part of the sum.
    """
    stop = start + lanes
    a, b = values[of_values[0], start:stop], values[of_values[1], start:stop]
    c, d = values[of_values[2], start:stop], values[of_values[3], start:stop]
    u, v, w, x = of_weights[0], of_weights[1], of_weights[2], of_weights[3]
    live = len(of_outputs)
    for j in range(0, live - 3, 4):
        e, f, g, h = of_outputs[j], of_outputs[j + 1], of_outputs[j + 2], of_outputs[j + 3]
        ue, uf, ug, uh = weights[u, e], weights[u, f], weights[u, g], weights[u, h]
        ve, vf, vg, vh = weights[v, e], weights[v, f], weights[v, g], weights[v, h]
        we, wf, wg, wh = weights[w, e], weights[w, f], weights[w, g], weights[w, h]
        xe, xf, xg, xh = weights[x, e], weights[x, f], weights[x, g], weights[x, h]
        rows = total[j * LANES : (j + 4) * LANES]
        for i in range(lanes):
            ai, bi, ci, di = a[i], b[i], c[i], d[i]
            rows[i] += ue * ai + ve * bi + we * ci + xe * di
            rows[i + LANES] += uf * ai + vf * bi + wf * ci + xf * di
            rows[i + 2 * LANES] += ug * ai + vg * bi + wg * ci + xg * di
            rows[i + 3 * LANES] += uh * ai + vh * bi + wh * ci + xh * di
    for j in range(live - live % 4, live):
        row = total[j * LANES : (j + 1) * LANES]
        e = of_outputs[j]
        ue, ve, we, xe = weights[u, e], weights[v, e], weights[w, e], weights[x, e]
        for i in range(lanes):
            row[i] += ue * a[i] + ve * b[i] + we * c[i] + xe * d[i]
