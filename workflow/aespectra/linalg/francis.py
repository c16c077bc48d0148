"""Eigenvalues of many small real Hessenberg matrices, in lockstep: Francis's implicit double-shift QR iteration.

Lanes as in module ``hessenberg``. Lanes that have nothing to do need no masks: where a lane's subdiagonal is exactly
zero, the reflectors become the identity by themselves.

``h`` is (d + 1, d + 1, lanes). Row d stays zero, so that a reflector of three rows can run over the edge. Column d,
which Python also calls column -1, holds the first bulge of a sweep that starts at row 0, just as column low - 1 holds
that of a sweep that starts at row low.

Sources: Francis, Computer J. 4 (1961) 265 and 4 (1962) 332; Golub & Van Loan, Matrix Computations, 4th ed., section
7.5; Wilkinson & Reinsch, Handbook for Automatic Computation II (1971), contribution II/14 hqr; Ahues & Tisseur, LAPACK
Working Note 122 (1997) (deflation).
"""

import math

from numba import njit

# Rows of ``state``, (3, lanes): first and last row of the block that a lane works on, sweeps spent on it
LOW, HIGH, SWEEPS = range(3)

# Rows of ``roots``, (3, d, lanes)
REAL, IMAG, NORM = range(3)

# No fast-math: results are then the same bits on every CPU. nogil leaves threads to the caller.
compiled = njit(cache=True, error_model="numpy", nogil=True)
inlined = njit(cache=True, error_model="numpy", nogil=True, forceinline=True)


@compiled
def solve(h, roots, work, state, exponent, failed, sweeps, eps, tiny):
    """Find all eigenvalues of every lane and sort them.

    Parameters
    ----------
    h, work : np.ndarray
        (d + 1, d + 1, lanes), (5, lanes), as module ``hessenberg`` leaves them; overwritten.
    roots : np.ndarray
        (3, d, lanes), filled: real part, imaginary part, norm, of h times 2 to the power ``exponent``.
    state : np.ndarray
        (3, lanes) int64, overwritten.
    exponent : np.ndarray
        (lanes,) int64.
    failed : np.ndarray
        (lanes,) bool, filled: true where ``sweeps`` were spent on one eigenvalue or pair; those not found are nan.
    sweeps : int
        At most, on one eigenvalue or pair.
    eps, tiny : np.floating
        Relative spacing of numbers and smallest normal number of the dtype.
    """
    iterate(h, roots, work, state, failed, sweeps, eps, tiny)
    sort(roots, exponent)


@compiled
def iterate(h, roots, work, state, failed, sweeps, eps, tiny):
    """Double-shift QR sweeps until every lane has all its eigenvalues in ``roots`` or has used up its sweeps."""
    d = roots.shape[1]
    norm = work[4]
    sum_of_sizes(h, d, norm)
    for lane in range(h.shape[2]):
        state[LOW, lane] = 0
        state[HIGH, lane] = d - 1
        state[SWEEPS, lane] = 0
        failed[lane] = False
    last = d - 1
    while last >= 0:
        deflate(h, last, norm, eps, tiny)
        first, last = d, -1
        for lane in range(h.shape[2]):
            take_eigenvalues(h, lane, roots, state)
            if state[HIGH, lane] >= 0 and state[SWEEPS, lane] == sweeps:
                failed[lane] = True
                give_up(lane, roots, state)
            if state[HIGH, lane] >= 0:
                start_bulge(h, lane, state)
                first = min(first, state[LOW, lane])
                last = max(last, state[HIGH, lane])
        sweep(h, first, last, work, tiny)
        for lane in range(h.shape[2]):
            # where the bulge started there is nothing but what the reflection left of it
            h[state[LOW, lane], state[LOW, lane] - 1, lane] = 0


@compiled
def sum_of_sizes(h, d, norm):
    for lane in range(h.shape[2]):
        norm[lane] = 0
    for i in range(d):
        for j in range(d):
            for lane in range(h.shape[2]):
                norm[lane] += abs(h[i, j, lane])


@compiled
def deflate(h, last, norm, eps, tiny):
    """Set negligible subdiagonal entries in rows up to ``last`` to zero, by the criterion of Ahues and Tisseur.

    Where both diagonal neighbours are zero, the norm of the whole matrix takes their place, as in hqr.
    """
    zero = h.dtype.type(0)
    for k in range(1, last + 1):
        for lane in range(h.shape[2]):
            below, above = abs(h[k, k - 1, lane]), abs(h[k - 1, k, lane])
            diagonal, difference = abs(h[k, k, lane]), abs(h[k - 1, k - 1, lane] - h[k, k, lane])
            size = abs(h[k - 1, k - 1, lane]) + diagonal
            size = norm[lane] if size == zero else size
            larger = diagonal if diagonal > difference else difference
            smaller = difference if diagonal > difference else diagonal
            negligible = (below <= tiny) | ((below <= eps * size) & (below * above <= eps * (larger * smaller)))
            h[k, k - 1, lane] = zero if negligible else h[k, k - 1, lane]


@compiled
def take_eigenvalues(h, lane, roots, state):
    """Take 1 x 1 and 2 x 2 blocks off the end, then set LOW and HIGH to the last block that is larger."""
    zero = h.dtype.type(0)
    high = state[HIGH, lane]
    low = start_of_block(h, high, lane)
    while high >= 0 and low >= high - 1:
        if low == high:
            roots[REAL, high, lane] = h[high, high, lane]
            roots[IMAG, high, lane] = zero
        else:
            real, imag, other_real, other_imag = eigenvalues_2x2(
                h[low, low, lane], h[low, high, lane], h[high, low, lane], h[high, high, lane], h.dtype.type(0.5)
            )
            roots[REAL, low, lane] = real
            roots[IMAG, low, lane] = imag
            roots[REAL, high, lane] = other_real
            roots[IMAG, high, lane] = other_imag
        high = low - 1
        low = start_of_block(h, high, lane)
        state[SWEEPS, lane] = 0
    state[HIGH, lane] = high
    state[LOW, lane] = low


@compiled
def start_of_block(h, high, lane):
    low = max(high, 0)
    while low > 0 and h[low, low - 1, lane] != 0:
        low -= 1
    return low


@compiled
def eigenvalues_2x2(a, b, c, d, half):
    """Eigenvalues (real, imag, real, imag) of [[a, b], [c, d]], after LAPACK's lanv2; positive imaginary part first.

    With p = (a - d)/2 they are d + p ± sqrt(p² + bc). The larger of |p|, |b| and |c| is taken out of the root, against
    overflow, and real eigenvalues come from the sum without cancellation and from the product bc. ``half`` is 0.5 in
    the precision of the others.
    """
    zero = a - a
    if b == zero or c == zero:
        return a, zero, d, zero
    p = (a - d) * half
    larger, smaller = max(abs(b), abs(c)), min(abs(b), abs(c))
    if (b > zero) != (c > zero):
        smaller = -smaller
    size = max(abs(p), larger)
    square = (p / size) * (p / size) + (larger / size) * (smaller / size)
    if square < zero:
        imag = size * math.sqrt(-square)
        return d + p, imag, d + p, -imag
    root = p + math.copysign(size * math.sqrt(square), p)
    if root == zero:
        return d, zero, d, zero
    return d + root, zero, d - larger / root * smaller, zero


@compiled
def give_up(lane, roots, state):
    for i in range(state[HIGH, lane] + 1):
        roots[REAL, i, lane] = math.nan
        roots[IMAG, i, lane] = math.nan
    state[HIGH, lane] = -1
    state[LOW, lane] = 0


@compiled
def start_bulge(h, lane, state):
    """Write the first column of the double-shift polynomial of block low..high into rows low.. of column low - 1.

    It is (H - s)(H - s')e₁ up to a factor, for the two shifts s and s'.
    """
    low = state[LOW, lane]
    real, imag = shifts(h, lane, state)
    h11, h12, h21 = h[low, low, lane], h[low, low + 1, lane], h[low + 1, low, lane]
    h22, h32 = h[low + 1, low + 1, lane], h[low + 2, low + 1, lane]
    distance = h11 - real
    inverse = h.dtype.type(1) / (abs(distance) + abs(imag) + abs(h21))
    ratio = h21 * inverse
    h[low, low - 1, lane] = ratio * h12 + distance * (distance * inverse) + imag * (imag * inverse)
    h[low + 1, low - 1, lane] = ratio * (distance + (h22 - real))
    h[low + 2, low - 1, lane] = ratio * h32
    state[SWEEPS, lane] += 1


@compiled
def shifts(h, lane, state):
    """Real part and imaginary part of a pair of shifts, real ± i·imag.

    Eigenvalues of the last 2 x 2 block, where these are real twice the one nearer to the last entry (as LAPACK's lahqr
    does). Every tenth sweep on the same block an exceptional shift, as hqr's, breaks cycles, in turns from its upper
    and from its lower end.
    """
    low, high, count = state[LOW, lane], state[HIGH, lane], state[SWEEPS, lane] + 1
    zero = h.dtype.type(0)
    a, b = h[high - 1, high - 1, lane], h[high - 1, high, lane]
    c, d = h[high, high - 1, lane], h[high, high, lane]
    if count % 10 == 0:
        if count % 20 == 0:
            c = abs(h[high, high - 1, lane]) + abs(h[high - 1, high - 2, lane])
        else:
            c = abs(h[low + 1, low, lane]) + abs(h[low + 2, low + 1, lane])
            d = h[low, low, lane]
        d += h.dtype.type(0.75) * c
        a, b = d, h.dtype.type(-0.4375) * c
    size = abs(a) + abs(b) + abs(c) + abs(d)
    inverse = h.dtype.type(1) / size
    a, b, c, d = a * inverse, b * inverse, c * inverse, d * inverse
    middle = (a + d) * h.dtype.type(0.5)
    determinant = (a - middle) * (d - middle) - b * c
    root = math.sqrt(abs(determinant))
    if determinant >= zero:
        return middle * size, root * size
    if middle > d:
        root = -root
    return (middle + root) * size, zero


@compiled
def sweep(h, first, last, work, tiny):
    """Chase the bulges of all lanes from row ``first`` down to row ``last``."""
    for k in range(first, last):
        bulge_reflectors(h, k, work, tiny)
        for j in range(k, last + 1):
            reflect(h, k, j, 1, 0, work)
        for i in range(first, min(k + 3, last) + 1):
            reflect(h, i, k, 0, 1, work)


@compiled
def bulge_reflectors(h, k, work, tiny):
    """Reflectors 1 - tau (1, v1, v2)'(1, v1, v2) that take rows k + 1 and k + 2 out of column k - 1, and do so there.

    The identity where those rows are zero already, which is everywhere outside a lane's block.
    """
    zero, one = h.dtype.type(0), h.dtype.type(1)
    v1, v2, tau, norm = work[0], work[1], work[2], work[3]
    for lane in range(h.shape[2]):
        x, y, z = h[k, k - 1, lane], h[k + 1, k - 1, lane], h[k + 2, k - 1, lane]
        rest = abs(y) + abs(z)
        size = abs(x) + rest
        inverse = one / size
        p, q, r = x * inverse, y * inverse, z * inverse
        image = -math.copysign(math.sqrt(p * p + q * q + r * r), p)
        factor = one / (p - image)
        trivial = rest <= tiny
        v1[lane] = zero if trivial else q * factor
        v2[lane] = zero if trivial else r * factor
        tau[lane] = zero if trivial else (image - p) / image
        norm[lane] = x if trivial else image * size
    for lane in range(h.shape[2]):
        h[k, k - 1, lane] = norm[lane]
        h[k + 1, k - 1, lane] = zero
        h[k + 2, k - 1, lane] = zero


@inlined
def reflect(h, i, j, down, right, work):
    """Apply the reflectors to the three entries at (i, j) and the next two places down or to the right."""
    v1, v2, tau = work[0], work[1], work[2]
    for lane in range(h.shape[2]):
        x, y, z = h[i, j, lane], h[i + down, j + right, lane], h[i + 2 * down, j + 2 * right, lane]
        product = tau[lane] * (x + v1[lane] * y + v2[lane] * z)
        h[i, j, lane] = x - product
        h[i + down, j + right, lane] = y - product * v1[lane]
        h[i + 2 * down, j + 2 * right, lane] = z - product * v2[lane]


@compiled
def sort(roots, exponent):
    """Undo the scaling and sort each lane by insertion: eigenvalues come out of the QR iteration nearly in order."""
    d = roots.shape[1]
    for lane in range(roots.shape[2]):
        power = int(exponent[lane])
        for i in range(d):
            real, imag = roots[REAL, i, lane], roots[IMAG, i, lane]
            if power != 0:
                real, imag = math.ldexp(real, power), math.ldexp(imag, power)
            norm = math.hypot(real, imag)
            j = i
            while j > 0 and comes_before(real, imag, norm, roots, j - 1, lane):
                for part in range(3):
                    roots[part, j, lane] = roots[part, j - 1, lane]
                j -= 1
            roots[REAL, j, lane] = real
            roots[IMAG, j, lane] = imag
            roots[NORM, j, lane] = norm


@compiled
def comes_before(real, imag, norm, roots, i, lane):
    """Larger norm, then real part, then size of the imaginary part, then imaginary part than root i; nan comes last."""
    if norm != roots[NORM, i, lane]:
        return norm > roots[NORM, i, lane] or (not math.isnan(norm) and math.isnan(roots[NORM, i, lane]))
    if real != roots[REAL, i, lane]:
        return real > roots[REAL, i, lane]
    if abs(imag) != abs(roots[IMAG, i, lane]):
        return abs(imag) > abs(roots[IMAG, i, lane])
    return imag > roots[IMAG, i, lane]
