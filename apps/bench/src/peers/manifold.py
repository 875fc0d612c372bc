# Manifold problems by pymanopt, POT and numpy, on arrays from a file of doubles. Derivatives are written by hand in numpy: nothing is differentiated while it runs.
# in:  {"load": file, "arrays": [[name, shape], …]}; {"run": solver, "tolerance", "iterations", "seconds"}
# out: {"hello": versions}; {"ms", "processor", "iterations", "norm" (of the gradient), "value", "note"} or {"error"}
import importlib, json, math, os, sys, time, warnings

answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
warnings.filterwarnings("ignore")


def say(message):
    clean = {
        key: None if isinstance(value, float) and not math.isfinite(value) else value for key, value in message.items()
    }
    answers.write(json.dumps(clean) + "\n")
    answers.flush()


versions, there = {}, {}
for name, title in [("numpy", "numpy"), ("scipy", "SciPy"), ("ot", "POT"), ("pymanopt", "pymanopt")]:
    try:
        there[name] = importlib.import_module(name)
        versions[title] = there[name].__version__
    except Exception:
        pass
if "numpy" not in there:
    say({"error": "numpy is missing"})
    sys.exit()
np = there["numpy"]
if "scipy" in there:
    import scipy.sparse
pymanopt = there.get("pymanopt")
if pymanopt:
    from pymanopt import manifolds, optimizers
say({"hello": versions})

data = {}
started = 0.0


def begin_timing():
    """The clock's time; the processor's is kept."""
    global started
    started = time.process_time()
    return time.perf_counter()


def timings(begin):
    return {
        "ms": 1000 * (time.perf_counter() - begin),
        "processor": 1000 * (time.process_time() - started),
    }


def gram(X):
    return X @ X.swapaxes(-1, -2)


def sqrt_and_inverse(A):
    d, U = np.linalg.eigh(A)
    s = np.sqrt(d)
    return (U * s[..., None, :]) @ U.swapaxes(-1, -2), (U / s[..., None, :]) @ U.swapaxes(-1, -2)


def by_pymanopt(manifold, start, job, name, cost, **derivatives):
    wrap = pymanopt.function.numpy(manifold)
    problem = pymanopt.Problem(manifold, wrap(cost), **{key: wrap(f) for key, f in derivatives.items()})
    optimizer = getattr(optimizers, name)(
        verbosity=0,
        max_time=job["seconds"],
        max_iterations=job["iterations"],
        min_gradient_norm=job["tolerance"],
        min_step_size=1e-300,
        max_cost_evaluations=10**9,
    )
    begin = begin_timing()
    result = optimizer.run(problem, initial_point=start)
    times = timings(begin)
    gradient = problem.riemannian_gradient(result.point)
    norm = float(manifold.norm(result.point, gradient))
    note = "" if norm <= job["tolerance"] else result.stopping_criterion.split(";")[0]
    return {**times, "iterations": int(result.iterations), "norm": norm, "value": float(result.cost), "note": note}


def karcher(job, name):
    P = data["P"]
    M = manifolds.SymmetricPositiveDefinite(P.shape[-1])

    def cost(X):
        c = np.linalg.inv(np.linalg.cholesky(X))
        return 0.5 * float(np.mean(np.sum(np.log(np.linalg.eigvalsh(c @ P @ c.T)) ** 2, axis=-1)))

    def gradient(X):
        return -np.mean(M.log(X, P), axis=0)

    return by_pymanopt(M, P.mean(axis=0), job, name, cost, riemannian_gradient=gradient)


def karcher_fixed_point(job):
    """X ← X^½ exp(mean log(X^-½ P X^-½)) X^½, all matrices at once."""
    P = data["P"]
    begin = begin_timing()
    X = P.mean(axis=0)
    norm, k = math.inf, 0
    while norm > job["tolerance"] and k < job["iterations"] and time.perf_counter() - begin < job["seconds"]:
        S, T = sqrt_and_inverse(X)
        d, U = np.linalg.eigh(T @ P @ T)
        L = np.mean((U * np.log(d)[:, None, :]) @ U.swapaxes(1, 2), axis=0)
        norm = float(np.linalg.norm(L))
        if norm > job["tolerance"]:
            e, V = np.linalg.eigh(L)
            X = S @ ((V * np.exp(e)) @ V.T) @ S
            k += 1
    times = timings(begin)
    value = 0.5 * float(np.mean(np.sum(np.log(d) ** 2, axis=1)))
    return {**times, "iterations": k, "norm": norm, "value": value, "note": ""}


def bures_value(S, P):
    R, _ = sqrt_and_inverse(S)
    cross = np.sqrt(np.maximum(np.linalg.eigvalsh(R @ P @ R), 0)).sum(axis=1)
    return 0.5 * float(np.mean(np.trace(S) + np.trace(P, axis1=1, axis2=2) - 2 * cross))


def bures_gradient(S, P):
    """‖I − mean T‖ in the metric, T the maps to the matrices: the norm of ½ Σ d²/N's gradient."""
    R, Q = sqrt_and_inverse(S)
    roots, _ = sqrt_and_inverse(R @ P @ R)
    D = np.eye(len(S)) - Q @ roots.mean(axis=0) @ Q
    return float(math.sqrt(max(0.0, np.trace(D @ S @ D))))


def bures_fixed_point(job):
    P = data["P"]
    begin = begin_timing()
    S = P.mean(axis=0)
    norm, k = math.inf, 0
    while k < job["iterations"] and time.perf_counter() - begin < job["seconds"]:
        R, Q = sqrt_and_inverse(S)
        roots, _ = sqrt_and_inverse(R @ P @ R)
        mean = roots.mean(axis=0)
        D = np.eye(len(S)) - Q @ mean @ Q
        norm = math.sqrt(max(0.0, float(np.trace(D @ S @ D))))
        if norm <= job["tolerance"]:
            break
        S = Q @ mean @ mean @ Q
        k += 1
    times = timings(begin)
    return {**times, "iterations": k, "norm": norm, "value": bures_value(S, P), "note": ""}


def bures_pot(job):
    """POT stops on the change of the matrix: its eps is lowered until the gradient is as small as wanted."""
    ot, P = there["ot"], data["P"]
    zeros = np.zeros(P.shape[:2])
    eps, note = job["tolerance"], ""
    for _ in range(5):
        begin = begin_timing()
        result = ot.gaussian.bures_wasserstein_barycenter(zeros, P, num_iter=job["iterations"], eps=eps, log=True)
        times = timings(begin)
        S = result[1]
        norm = bures_gradient(S, P)
        if norm <= job["tolerance"] or times["ms"] > 1000 * job["seconds"]:
            break
        eps /= 10
    iterations = int(result[2].get("num_iter", 0)) if len(result) > 2 else 0
    return {**times, "iterations": iterations, "norm": norm, "value": bures_value(S, P), "note": note}


def brockett(job, name):
    A, N, X0 = data["A"], data["N"], data["start"]
    M = manifolds.Stiefel(*X0.shape)
    return by_pymanopt(
        M,
        X0,
        job,
        name,
        lambda X: 0.5 * float(np.sum(X * (A @ X) * N)),
        euclidean_gradient=lambda X: (A @ X) * N,
        euclidean_hessian=lambda X, U: (A @ U) * N,
    )


def procrustes(job, name):
    G, C, half, X0 = data["G"], data["C"], data["half"], data["start"]
    M = manifolds.Stiefel(*X0.shape)
    return by_pymanopt(
        M,
        X0,
        job,
        name,
        lambda X: float(0.5 * np.sum(X * (G @ X)) - np.sum(X * C) + half[0]),
        euclidean_gradient=lambda X: G @ X - C,
        euclidean_hessian=lambda X, U: G @ U,
    )


def joint(job, name):
    C, X0 = data["C"], data["start"]
    M = manifolds.Stiefel(*X0.shape)

    def cost(X):
        return -0.5 * float(np.sum(np.einsum("ij,kij->kj", X, C @ X) ** 2))

    def gradient(X):
        CX = C @ X
        return -2 * np.einsum("kij,kj->ij", CX, np.einsum("ij,kij->kj", X, CX))

    def hessian(X, U):
        CX, CU = C @ X, C @ U
        d, e = np.einsum("ij,kij->kj", X, CX), 2 * np.einsum("ij,kij->kj", U, CX)
        return -2 * (np.einsum("kij,kj->ij", CU, d) + np.einsum("kij,kj->ij", CX, e))

    return by_pymanopt(M, X0, job, name, cost, euclidean_gradient=gradient, euclidean_hessian=hessian)


def completion(job, name):
    rows, cols, values = data["rows"].astype(int), data["cols"].astype(int), data["values"]
    U, S, V = data["startU"], data["startS"], data["startV"]
    n, m, r = len(U), len(V), len(S)
    M = manifolds.FixedRankEmbedded(n, m, r)
    pointers = np.searchsorted(rows, np.arange(n + 1))

    def residual(u, s, vt):
        return np.einsum("ij,ij->i", (u * s)[rows], vt.T[cols]) - values

    def gradient(u, s, vt):
        sparse = scipy.sparse.csr_matrix((residual(u, s, vt), cols, pointers), shape=(n, m))
        return M.projection((u, s, vt), sparse)

    return by_pymanopt(
        M,
        (U, S, V.T.copy()),
        job,
        name,
        lambda u, s, vt: 0.5 * float(np.sum(residual(u, s, vt) ** 2)),
        riemannian_gradient=gradient,
    )


solvers = {
    "karcher_fixed_point": karcher_fixed_point,
    "bures_fixed_point": bures_fixed_point,
    "bures_pot": bures_pot,
    **{
        f"{kind.__name__}.{name}": (lambda job, kind=kind, name=name: kind(job, name))
        for kind in (karcher, brockett, procrustes, joint, completion)
        for name in ("TrustRegions", "ConjugateGradient", "SteepestDescent")
    },
}

for line in sys.stdin:
    job = json.loads(line)
    try:
        if "load" in job:
            flat, at = np.fromfile(job["load"], dtype=np.float64), 0
            data = {}
            for name, shape in job["arrays"]:
                size = int(np.prod(shape))
                data[name] = flat[at : at + size].reshape(shape).copy()
                at += size
            say({"loaded": True})
        else:
            say(solvers[job["run"]](job))
    except Exception as error:
        say({"error": f"{type(error).__name__}: {error}"})
