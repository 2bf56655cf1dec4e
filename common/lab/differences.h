/* differences.h - how far a difference quotient is off, in float and in double.
 *
 * The function is f(x) = x^3 at x = 1, whose derivative is 3. Worked out by hand:
 *     (f(1+h) - f(1)) / h         = 3 + 3h + h^2      one-sided
 *     (f(1+h) - f(1-h)) / (2h)    = 3 + h^2           central
 * so a smaller h is better, until the digits that the subtraction cancels are the ones that matter.
 */
#ifndef DIFFERENCES_H
#define DIFFERENCES_H

/* |quotient - 3|, computed in the named type whatever the build's `real` is. */
double differences_one_sided(double h);
double differences_central(double h);
double differences_central_float(double h);

#endif
