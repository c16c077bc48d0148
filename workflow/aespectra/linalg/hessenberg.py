"""Many small real matrices to Hessenberg form, in lockstep: scaling, balancing, Householder reflectors.

The *lane*, the number of a matrix within its group, is the last and contiguous axis of every array and the innermost
loop, so that the compiler makes vector instructions of it; on a GPU the same source runs with one lane a thread. No
lane sees its neighbours: a matrix gives the same bits in every group.

``h`` is (d + 1, d + 1, lanes), float32 or float64; the matrices fill ``h[:d, :d]``, what the rest is for says module
``francis``. Neither calls compiled functions of the other: numba's cache notices edits of a function's own file only.

Sources: Parlett & Reinsch, Numer. Math. 13 (1969) 293; James, Langou & Lowery, arXiv:1401.5766 (balancing by the
2-norm); Golub & Van Loan, Matrix Computations, 4th ed., sections 5.1 and 7.4; Wilkinson & Reinsch, Handbook for
Automatic Computation II (1971), contributions II/11 balance and II/13 orthes.
"""

import math

from numba import njit

BALANCING_PASSES = 30

# No fast-math: results are then the same bits on every CPU. nogil leaves threads to the caller.
compiled = njit(cache=True, error_model="numpy", nogil=True)


@compiled
def prepare(matrices, first, h, v, work, finite, exponent, eps, tiny):
    """Copy the matrices from ``first`` on into the lanes of ``h`` and bring them to Hessenberg form.

    Parameters
    ----------
    matrices : np.ndarray
        (n, d, d); lanes beyond n repeat the last matrix.
    first : int
        The matrix of the first lane.
    h, v, work : np.ndarray
        (d + 1, d + 1, lanes), (d, lanes), (5, lanes) of the same dtype; zeros outside ``h[:d, :d]``.
    finite : np.ndarray
        (lanes,) bool, filled; a matrix that is not finite becomes zero.
    exponent : np.ndarray
        (lanes,) int64, filled: the matrix was divided by 2 to this power.
    eps, tiny : np.floating
        Relative spacing of numbers and smallest normal number of the dtype.
    """
    d = matrices.shape[1]
    load(matrices, first, h, finite)
    scale(h, d, work, exponent, eps, tiny)
    if d > 2:
        for lane in range(h.shape[2]):
            permute(h, d, lane)
        balance(h, d, work)
        reduce(h, d, v, work, tiny)


@compiled
def load(matrices, first, h, finite):
    n, d = matrices.shape[:2]
    zero = h.dtype.type(0)
    for lane in range(h.shape[2]):
        index = min(first + lane, n - 1)
        finite[lane] = True
        for i in range(d):
            for j in range(d):
                entry = matrices[index, i, j]
                finite[lane] &= math.isfinite(entry)
                h[i, j, lane] = entry
        if not finite[lane]:
            for i in range(d):
                for j in range(d):
                    h[i, j, lane] = zero


@compiled
def scale(h, d, work, exponent, eps, tiny):
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
        exponent[lane] = 0
        if largest[lane] > 0 and not small <= largest[lane] <= big:
            _, power = math.frexp(largest[lane])
            exponent[lane] = power
            for i in range(d):
                for j in range(d):
                    h[i, j, lane] = math.ldexp(h[i, j, lane], -power)


@compiled
def permute(h, d, lane):
    """Move rows that hold an eigenvalue on their diagonal and zeros elsewhere to the end, such columns to the front.

    Those eigenvalues are then found exactly, above all the zeros that a dead unit gives.
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
def reduce(h, d, v, work, tiny):
    """Zero everything below the first subdiagonal by Householder reflectors 1 - tau v v' from both sides."""
    tau, product = work[3], work[4]
    for k in range(d - 2):
        find_reflector(h, d, k, v, work, tiny)
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
def find_reflector(h, d, k, v, work, tiny):
    """The reflector that leaves of column k, below the diagonal, only the entry in row k + 1; ``v`` from that row on.

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
