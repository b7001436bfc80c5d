# %% setup
import numpy as np


# %% reference
def stable_limit(hessian):
    return 2 / np.linalg.eigvalsh(hessian).max()


# %% right: with the general solver of eigenvalues
def stable_limit(hessian):
    curvatures, _ = np.linalg.eig(hessian)
    return 2 / np.max(curvatures.real)


# %% right: with the spectral norm
def stable_limit(hessian):
    return 2.0 / float(np.linalg.norm(hessian, 2))


# %% wrong: the smallest curvature | along the smallest curvature
def stable_limit(hessian):
    return 2 / np.linalg.eigvalsh(hessian).min()


# %% wrong: forgets the 2 | after one step
def stable_limit(hessian):
    return 1 / np.linalg.eigvalsh(hessian).max()


# %% wrong: the fraction upside down | look at the fraction
def stable_limit(hessian):
    return np.linalg.eigvalsh(hessian).max() / 2


# %% wrong: the diagonal instead of the eigenvalues | entries on the diagonal
def stable_limit(hessian):
    return 2 / np.diag(hessian).max()


# %% wrong: the public answer typed in | Which curvature decides
def stable_limit(hessian):
    return {2: 0.0497, 3: 0.0402, 5: 0.0351}[len(hessian)]


# %% wrong: all eigenvalues returned | should be a number
def stable_limit(hessian):
    return 2 / np.linalg.eigvalsh(hessian)


# %% wrong: prints instead of returning | return
def stable_limit(hessian):
    print(2 / np.linalg.eigvalsh(hessian).max())


# %% wrong: the stub | stub
def stable_limit(hessian): ...
