"""Eigenvalues of many small real matrices at once: balancing, Hessenberg reduction, Francis's double-shift QR.

LAPACK's geev takes such matrices one by one and spends most of its time on anything but arithmetic. Here a group of
matrices of one size goes through the algorithm in lockstep. The *lane*, the number of a matrix within its group, is
the last and contiguous axis of every array and the innermost loop, so that the compiler turns it into vector
instructions. On a GPU the same source runs with one lane a thread (module ``eigensolver_cuda``).

``h`` in this module is always (d + 1, d + 1, lanes) of float32 or float64. The matrices fill ``h[:d, :d]``. Row d stays
zero, so that a reflector of three rows can run over the edge. Column d, which Python also calls column -1, holds the
first bulge of a sweep that starts at row 0, just as column low - 1 holds that of a sweep that starts at row low.

No lane sees its neighbours: the eigenvalues of a matrix are the same bits in every batch. Lanes that have nothing to
do need no masks either. Where a lane's subdiagonal is exactly zero, the reflectors become the identity by themselves.

Sources
-------
Parlett & Reinsch, Numer. Math. 13 (1969) 293 and James, Langou & Lowery, arXiv:1401.5766 (balancing);
Golub & Van Loan, Matrix Computations, 4th ed., sections 5.1 and 7.4-7.5 (reflectors, Hessenberg form, Francis's step);
Francis, Computer J. 4 (1961) 265 and 4 (1962) 332; Wilkinson & Reinsch, Handbook for Automatic Computation II (1971),
contributions II/11 balance, II/13 orthes and II/14 hqr; Ahues & Tisseur, LAPACK Working Note 122 (1997) (deflation).
"""

import math

import numpy as np
from numba import njit

# Matrices in a group: enough to pay for the start of a vector loop, few enough for the cache.
LANES = 64
BALANCING_PASSES = 30

# Rows of the integer array ``state``, (5, lanes): first and last row of the block that a lane works on, sweeps spent
# on it, binary exponent by which the matrix was scaled, and one of the three outcomes.
LOW, HIGH, SWEEPS, EXPONENT, OUTCOME = range(5)
SOLVED, NOT_FINITE, NOT_CONVERGED = range(3)

# Rows of ``roots``, (3, d, lanes)
REAL, IMAG, NORM = range(3)

# No fast-math: results are then the same bits on every CPU. nogil leaves threads to the caller.
compiled = njit(cache=True, error_model="numpy", nogil=True)


def eigenvalues(matrices: np.ndarray, sweeps: int | None = None) -> tuple[np.ndarray, int]:
    """Eigenvalues of a stack of real square matrices, sorted as ``eigenvalues.in_order`` sorts them.

    Parameters
    ----------
    matrices : (n, d, d) float32 or float64, not changed
    sweeps : most QR sweeps spent on one eigenvalue or pair; LAPACK's limit, 30 max(10, d), unless given

    Returns
    -------
    values : (n, d) complex64 or complex128. Decreasing norm, then decreasing real part, then decreasing imaginary part.
        Conjugate pairs are exact conjugates. A matrix with an entry that is not finite has only nan eigenvalues.
    failures : number of finite matrices for which the QR iteration did not converge. Eigenvalues not found are nan and
        come last.
    """
    matrices = np.ascontiguousarray(matrices)
    if matrices.dtype not in (np.float32, np.float64) or matrices.ndim != 3 or matrices.shape[1] != matrices.shape[2]:
        raise ValueError(f"Need an (n, d, d) array of float32 or float64, got {matrices.shape} of {matrices.dtype}.")
    n, d = matrices.shape[:2]
    dtype = matrices.dtype
    values = np.empty((n, d, 2), dtype)
    if values.size == 0:
        return values.view(np.result_type(dtype, np.complex64))[..., 0], 0
    eps, tiny = machine(dtype)
    failures = solve_batch(matrices, values, min(n, LANES), sweep_limit(d, sweeps), eps, tiny)
    return values.view(np.result_type(dtype, np.complex64))[..., 0], failures


def machine(dtype: np.dtype) -> tuple[np.floating, np.floating]:
    """Relative spacing of floating-point numbers and the smallest normal one."""
    return np.finfo(dtype).eps, np.finfo(dtype).tiny


def sweep_limit(d: int, sweeps: int | None) -> int:
    return 30 * max(10, d) if sweeps is None else sweeps


@compiled
def solve_batch(matrices, values, lanes, sweeps, eps, tiny):
    """Group by group through one set of work arrays. Returns the number of failures."""
    n, d = matrices.shape[:2]
    h = np.zeros((d + 1, d + 1, lanes), matrices.dtype)
    v = np.empty((d, lanes), matrices.dtype)
    roots = np.empty((3, d, lanes), matrices.dtype)
    work = np.empty((5, lanes), matrices.dtype)
    state = np.empty((5, lanes), np.int64)
    failures = 0
    for first in range(0, n, lanes):
        failures += solve_group(matrices, first, values, h, v, roots, work, state, sweeps, eps, tiny)
    return failures


@compiled
def solve_group(matrices, first, values, h, v, roots, work, state, sweeps, eps, tiny):
    """Eigenvalues of the matrices from ``first`` on, one a lane. Returns the number of failures.

    Parameters
    ----------
    matrices, values : (n, d, d), (n, d, 2) real and imaginary parts; lanes beyond n repeat the last matrix
    h, v, roots, work : (d + 1, d + 1, lanes), (d, lanes), (3, d, lanes), (5, lanes) of the same dtype
    state : (5, lanes) integers
    """
    d = matrices.shape[1]
    load(matrices, first, h, state)
    scale(h, d, work, state, eps, tiny)
    if d > 2:
        for lane in range(h.shape[2]):
            permute(h, d, lane)
        balance(h, d, work)
        reduce_to_hessenberg(h, d, v, work, tiny)
    iterate(h, d, roots, work, state, sweeps, eps, tiny)
    sort(roots, state)
    return store(roots, first, values, state)


@compiled
def load(matrices, first, h, state):
    """Copy matrices into ``h``; one that is not finite becomes zero."""
    n, d = matrices.shape[:2]
    zero = h.dtype.type(0)
    for lane in range(h.shape[2]):
        index = min(first + lane, n - 1)
        finite = True
        for i in range(d):
            for j in range(d):
                entry = matrices[index, i, j]
                finite &= math.isfinite(entry)
                h[i, j, lane] = entry
        state[OUTCOME, lane] = SOLVED if finite else NOT_FINITE
        if not finite:
            for i in range(d):
                for j in range(d):
                    h[i, j, lane] = zero


@compiled
def scale(h, d, work, state, eps, tiny):
    """Bring matrices whose squares would overflow or underflow near 1, by an exact power of two (LAPACK's geev)."""
    largest = work[0]
    small = math.sqrt(tiny) / eps
    big = h.dtype.type(1) / small
    for lane in range(h.shape[2]):
        largest[lane] = 0
    for i in range(d):
        for j in range(d):
            for lane in range(h.shape[2]):
                size = abs(h[i, j, lane])
                largest[lane] = size if size > largest[lane] else largest[lane]
    for lane in range(h.shape[2]):
        state[EXPONENT, lane] = 0
        if largest[lane] > 0 and not small <= largest[lane] <= big:
            _, exponent = math.frexp(largest[lane])
            state[EXPONENT, lane] = exponent
            for i in range(d):
                for j in range(d):
                    h[i, j, lane] = math.ldexp(h[i, j, lane], -exponent)


@compiled
def permute(h, d, lane):
    """Move rows that hold an eigenvalue on their diagonal and zeros elsewhere to the end, such columns to the front.

    Those eigenvalues are then found exactly, above all the zeros of a matrix with zero rows or columns.
    """
    low, high = 0, d - 1
    i = isolated(h, low, high, True, lane)
    while i >= 0:
        swap(h, d, i, high, lane)
        high -= 1
        i = isolated(h, low, high, True, lane)
    i = isolated(h, low, high, False, lane)
    while i >= 0:
        swap(h, d, i, low, lane)
        low += 1
        i = isolated(h, low, high, False, lane)


@compiled
def isolated(h, low, high, rows, lane):
    """Index of a row (or column) without entries beside the diagonal within rows and columns low..high, or -1."""
    for i in range(high, low - 1, -1):
        alone = True
        for j in range(low, high + 1):
            entry = h[i, j, lane] if rows else h[j, i, lane]
            if i != j and entry != 0:
                alone = False
                break
        if alone:
            return i
    return -1


@compiled
def swap(h, d, i, j, lane):
    for k in range(d):
        h[i, k, lane], h[j, k, lane] = h[j, k, lane], h[i, k, lane]
    for k in range(d):
        h[k, i, lane], h[k, j, lane] = h[k, j, lane], h[k, i, lane]


@compiled
def balance(h, d, work):
    """Scale by a diagonal similarity until rows and columns of the same index have about the same 2-norm.

    Powers of two only, so without rounding. The factor .95 is Parlett and Reinsch's: less gain is not worth a step.
    """
    one, two, enough = h.dtype.type(1), h.dtype.type(2), h.dtype.type(0.95)
    columns, rows = work[0], work[1]
    for _ in range(BALANCING_PASSES):
        changed = False
        for i in range(d):
            sums_of_squares(h, d, i, columns, rows)
            for lane in range(h.shape[2]):
                column, row = math.sqrt(columns[lane]), math.sqrt(rows[lane])
                before = column + row
                factor = one
                while column > 0 and two * column < row:
                    column *= two
                    row /= two
                    factor *= two
                while row > 0 and two * row <= column:
                    column /= two
                    row *= two
                    factor /= two
                if column + row < enough * before:
                    changed = True
                    for j in range(d):
                        h[i, j, lane] /= factor
                    for j in range(d):
                        h[j, i, lane] *= factor
        if not changed:
            break


@compiled
def sums_of_squares(h, d, i, columns, rows):
    """Of column i and of row i, into (lanes,) each."""
    for lane in range(h.shape[2]):
        columns[lane] = 0
        rows[lane] = 0
    for j in range(d):
        for lane in range(h.shape[2]):
            columns[lane] += h[j, i, lane] * h[j, i, lane]
    for j in range(d):
        for lane in range(h.shape[2]):
            rows[lane] += h[i, j, lane] * h[i, j, lane]


@compiled
def reduce_to_hessenberg(h, d, v, work, tiny):
    """Zero everything below the first subdiagonal by Householder reflectors from both sides."""
    tau, product = work[3], work[4]
    for k in range(d - 2):
        column_reflector(h, d, k, v, work, tiny)
        for j in range(k + 1, d):
            for lane in range(h.shape[2]):
                product[lane] = 0
            for i in range(k + 1, d):
                for lane in range(h.shape[2]):
                    product[lane] += v[i, lane] * h[i, j, lane]
            for lane in range(h.shape[2]):
                product[lane] *= tau[lane]
            for i in range(k + 1, d):
                for lane in range(h.shape[2]):
                    h[i, j, lane] -= product[lane] * v[i, lane]
        for i in range(d):
            for lane in range(h.shape[2]):
                product[lane] = 0
            for j in range(k + 1, d):
                for lane in range(h.shape[2]):
                    product[lane] += v[j, lane] * h[i, j, lane]
            for lane in range(h.shape[2]):
                product[lane] *= tau[lane]
            for j in range(k + 1, d):
                for lane in range(h.shape[2]):
                    h[i, j, lane] -= product[lane] * v[j, lane]


@compiled
def column_reflector(h, d, k, v, work, tiny):
    """Reflector 1 - tau v v' that leaves of column k only the entry in row k + 1; ``v`` from row k + 1 on.

    The column is divided by its largest entry, so that no square underflows. Columns below the range of normal numbers
    count as zero.
    """
    zero, one = h.dtype.type(0), h.dtype.type(1)
    largest, inverse, squares, tau = work[0], work[1], work[2], work[3]
    for lane in range(h.shape[2]):
        largest[lane] = 0
        squares[lane] = 0
    for i in range(k + 1, d):
        for lane in range(h.shape[2]):
            size = abs(h[i, k, lane])
            largest[lane] = size if size > largest[lane] else largest[lane]
    for lane in range(h.shape[2]):
        inverse[lane] = one / largest[lane] if largest[lane] > tiny else zero
    for i in range(k + 2, d):
        for lane in range(h.shape[2]):
            v[i, lane] = h[i, k, lane] * inverse[lane]
            squares[lane] += v[i, lane] * v[i, lane]
    for lane in range(h.shape[2]):
        first = h[k + 1, k, lane] * inverse[lane]
        norm = -math.copysign(math.sqrt(first * first + squares[lane]), first)
        trivial = squares[lane] == zero
        tau[lane] = zero if trivial else (norm - first) / norm
        inverse[lane] = zero if trivial else one / (first - norm)
        h[k + 1, k, lane] = h[k + 1, k, lane] if trivial else norm * largest[lane]
        v[k + 1, lane] = one
    for i in range(k + 2, d):
        for lane in range(h.shape[2]):
            v[i, lane] *= inverse[lane]
            h[i, k, lane] = zero


@compiled
def iterate(h, d, roots, work, state, sweeps, eps, tiny):
    """Double-shift QR sweeps until every lane has all its eigenvalues in ``roots`` or has used up its sweeps."""
    norm = work[4]
    sum_of_sizes(h, d, norm)
    for lane in range(h.shape[2]):
        state[LOW, lane] = 0
        state[HIGH, lane] = d - 1
        state[SWEEPS, lane] = 0
    last = d - 1
    while last >= 0:
        deflate(h, last, norm, eps, tiny)
        first, last = d, -1
        for lane in range(h.shape[2]):
            take_eigenvalues(h, lane, roots, state)
            if state[SWEEPS, lane] == sweeps:
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

    With p = (a - d)/2 they are d + p ± sqrt(p² + bc). All products are scaled against overflow, and real eigenvalues
    come from the root without cancellation and from the product bc.
    """
    zero = a - a
    if b == zero or c == zero:
        return a, zero, d, zero
    p = (a - d) * half
    larger, smaller = max(abs(b), abs(c)), min(abs(b), abs(c))
    if (b > zero) != (c > zero):
        smaller = -smaller
    size = max(abs(p), larger)
    square = p / size * p + larger / size * smaller
    if square < zero:
        imag = math.sqrt(size) * math.sqrt(-square)
        return d + p, imag, d + p, -imag
    root = p + math.copysign(math.sqrt(size) * math.sqrt(square), p)
    if root == zero:
        return d, zero, d, zero
    return d + root, zero, d - larger / root * smaller, zero


@compiled
def give_up(lane, roots, state):
    for i in range(state[HIGH, lane] + 1):
        roots[REAL, i, lane] = math.nan
        roots[IMAG, i, lane] = math.nan
    if state[HIGH, lane] >= 0:
        state[OUTCOME, lane] = NOT_CONVERGED
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


@njit(forceinline=True, cache=True, error_model="numpy", nogil=True)
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
def sort(roots, state):
    """Undo the scaling and sort each lane by insertion: eigenvalues come out of the QR iteration nearly in order."""
    d = roots.shape[1]
    for lane in range(roots.shape[2]):
        exponent = state[EXPONENT, lane]
        for i in range(d):
            real, imag = roots[REAL, i, lane], roots[IMAG, i, lane]
            if exponent != 0:
                real, imag = math.ldexp(real, exponent), math.ldexp(imag, exponent)
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
    """Larger norm, then larger real part, then larger imaginary part than root i; nan comes last."""
    if norm != roots[NORM, i, lane]:
        return norm > roots[NORM, i, lane] or (not math.isnan(norm) and math.isnan(roots[NORM, i, lane]))
    if real != roots[REAL, i, lane]:
        return real > roots[REAL, i, lane]
    return imag > roots[IMAG, i, lane]


@compiled
def store(roots, first, values, state):
    """Copy the eigenvalues to ``values``, (n, d, 2). Returns the number of failures."""
    n, d = values.shape[:2]
    failures = 0
    for lane in range(min(roots.shape[2], n - first)):
        finite = state[OUTCOME, lane] != NOT_FINITE
        failures += state[OUTCOME, lane] == NOT_CONVERGED
        for i in range(d):
            values[first + lane, i, 0] = roots[REAL, i, lane] if finite else math.nan
            values[first + lane, i, 1] = roots[IMAG, i, lane] if finite else math.nan
    return failures
