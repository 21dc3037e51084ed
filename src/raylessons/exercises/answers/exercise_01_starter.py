from raylessons import slow_square


def my_squares(numbers):
    squares = []
    for number in numbers:
        squares.append(slow_square(number))
    return squares
