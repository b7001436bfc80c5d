# %% setup
import numpy as np


# %% reference
def nesterov(function, start, learning_rate, momentum, steps):
    point, velocity = np.array(start, dtype=float), np.zeros(2)
    points = [point]
    for _ in range(steps):
        gradient = function.gradient(point + momentum * velocity)
        velocity = momentum * velocity - learning_rate * gradient
        point = point + velocity
        points.append(point)
    return np.array(points)


# %% right: fills an array
def nesterov(function, start, learning_rate, momentum, steps):
    points = np.zeros((steps + 1, 2))
    points[0] = start
    velocity = np.zeros(2)
    for step in range(steps):
        carried = momentum * velocity
        velocity = carried - learning_rate * function.gradient(
            points[step] + carried
        )
        points[step + 1] = points[step] + velocity
    return points


# %% right: in place with copies, returns a list of lists
def nesterov(function, start, learning_rate, momentum, steps):
    point = np.array(start, dtype=float)
    velocity = 0 * point
    points = [point.tolist()]
    for _ in range(steps):
        velocity *= momentum
        velocity -= learning_rate * function.gradient(point + velocity)
        point += velocity
        points.append(point.tolist())
    return points


# %% right: in single precision
def nesterov(function, start, learning_rate, momentum, steps):
    point = np.array(start, dtype=np.float32)
    velocity = np.zeros(2, dtype=np.float32)
    points = [point]
    for _ in range(steps):
        gradient = function.gradient(point + momentum * velocity)
        velocity = momentum * velocity - learning_rate * gradient
        velocity = velocity.astype(np.float32)
        point = point + velocity
        points.append(point)
    return np.array(points)


# %% wrong: ordinary momentum | ordinary momentum
def nesterov(function, start, learning_rate, momentum, steps):
    point, velocity = np.array(start), np.zeros(2)
    points = [point]
    for _ in range(steps):
        velocity = momentum * velocity - learning_rate * function.gradient(point)
        point = point + velocity
        points.append(point)
    return np.array(points)


# %% wrong: looks behind | behind the point
def nesterov(function, start, learning_rate, momentum, steps):
    point, velocity = np.array(start), np.zeros(2)
    points = [point]
    for _ in range(steps):
        gradient = function.gradient(point - momentum * velocity)
        velocity = momentum * velocity - learning_rate * gradient
        point = point + velocity
        points.append(point)
    return np.array(points)


# %% wrong: looks a whole velocity ahead | whole velocity ahead
def nesterov(function, start, learning_rate, momentum, steps):
    point, velocity = np.array(start), np.zeros(2)
    points = [point]
    for _ in range(steps):
        gradient = function.gradient(point + velocity)
        velocity = momentum * velocity - learning_rate * gradient
        point = point + velocity
        points.append(point)
    return np.array(points)


# %% wrong: uphill | uphill
def nesterov(function, start, learning_rate, momentum, steps):
    point, velocity = np.array(start), np.zeros(2)
    points = [point]
    for _ in range(steps):
        gradient = function.gradient(point + momentum * velocity)
        velocity = momentum * velocity + learning_rate * gradient
        point = point + velocity
        points.append(point)
    return np.array(points)


# %% wrong: plain gradient descent | velocity is lost
def nesterov(function, start, learning_rate, momentum, steps):
    points = [np.array(start)]
    for _ in range(steps):
        points.append(
            points[-1] - learning_rate * function.gradient(points[-1])
        )
    return np.array(points)


# %% wrong: the velocity is not multiplied by the momentum | as if momentum were 1
def nesterov(function, start, learning_rate, momentum, steps):
    point, velocity = np.array(start), np.zeros(2)
    points = [point]
    for _ in range(steps):
        gradient = function.gradient(point + momentum * velocity)
        velocity = velocity - learning_rate * gradient
        point = point + velocity
        points.append(point)
    return np.array(points)


# %% wrong: forgets the learning rate | first step is wrong
def nesterov(function, start, learning_rate, momentum, steps):
    point, velocity = np.array(start), np.zeros(2)
    points = [point]
    for _ in range(steps):
        gradient = function.gradient(point + momentum * velocity)
        velocity = momentum * velocity - 0.01 * gradient
        point = point + velocity
        points.append(point)
    return np.array(points)


# %% wrong: moves the point before the velocity is updated | first step is wrong
def nesterov(function, start, learning_rate, momentum, steps):
    point, velocity = np.array(start), np.zeros(2)
    points = [point]
    for _ in range(steps):
        gradient = function.gradient(point + momentum * velocity)
        point = point + velocity
        velocity = momentum * velocity - learning_rate * gradient
        points.append(point)
    return np.array(points)


# %% wrong: the start is left out | the start and one after each step
def nesterov(function, start, learning_rate, momentum, steps):
    point, velocity = np.array(start), np.zeros(2)
    points = []
    for _ in range(steps):
        gradient = function.gradient(point + momentum * velocity)
        velocity = momentum * velocity - learning_rate * gradient
        point = point + velocity
        points.append(point)
    return np.array(points)


# %% wrong: one array that moves | copies
def nesterov(function, start, learning_rate, momentum, steps):
    point, velocity = np.array(start), np.zeros(2)
    points = [point]
    for _ in range(steps):
        gradient = function.gradient(point + momentum * velocity)
        velocity = momentum * velocity - learning_rate * gradient
        point += velocity
        points.append(point)
    return np.array(points)


# %% wrong: only the end | shape
def nesterov(function, start, learning_rate, momentum, steps):
    point, velocity = np.array(start), np.zeros(2)
    for _ in range(steps):
        gradient = function.gradient(point + momentum * velocity)
        velocity = momentum * velocity - learning_rate * gradient
        point = point + velocity
    return point


# %% wrong: raises an error | raises an error
def nesterov(function, start, learning_rate, momentum, steps):
    points = [start]
    velocity = [0, 0]
    for _ in range(steps):
        velocity = momentum * velocity - learning_rate * function.gradient(start)
        points.append(points[-1] + velocity)
    return points


# %% wrong: the stub | stub
def nesterov(function, start, learning_rate, momentum, steps): ...
