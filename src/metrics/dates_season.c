/* The season: days on which planned work rests in most countries.
 *
 * Weekdays do not see a shift by whole weeks; holidays do.  The exams on them are held
 * against those on the same weekday one and two weeks before and after, so that neither
 * the week nor a growing release counts.  Given their sum, the exams on holidays are
 * binomial (the conditional test of two Poisson rates: Przyborowski and Wilenski 1940).
 */
#include <gsl/gsl_cdf.h>
#include <math.h>

#include "dates_impl.h"

enum { NEAR_HOLIDAY = 2, WEEKS_BESIDE = 2 };

typedef enum day_kind { OTHER_DAY, HOLIDAY, BESIDE } day_kind;

/* A day near one holiday is no day to hold another one against. */
static day_kind kind_of(const dcr_date_lab *lab, int32_t day)
{
    day_kind k = OTHER_DAY;
    int year = dcr_day_year(day);
    for (int y = year - 1; y <= year + 1; y++)
        for (size_t i = 0; i < lab->n_holidays; i++) {
            int32_t at, gap;
            if (!dcr_day_number((unsigned)y, lab->holidays[i].month, lab->holidays[i].day,
                                &at))
                continue;
            gap = day > at ? day - at : at - day;
            if (gap == 0)
                return HOLIDAY;
            if (gap <= NEAR_HOLIDAY)
                return OTHER_DAY;
            if (gap % 7 == 0 && gap / 7 <= WEEKS_BESIDE)
                k = BESIDE;
        }
    return k;
}

void dcr_season_see(dcr_season_count *c, const dcr_date_lab *lab, int32_t day)
{
    day_kind k = kind_of(lab, day);
    c->first = c->seen && c->first < day ? c->first : day;
    c->last = c->seen && c->last > day ? c->last : day;
    c->seen = true;
    c->on += k == HOLIDAY;
    c->beside += k == BESIDE;
}

void dcr_season_judge(const dcr_season_count *c, const dcr_date_lab *lab,
                      dcr_date_season *out)
{
    double share, half;
    *out = (dcr_date_season){.on = c->on, .beside = c->beside, .says = "cannot-tell"};
    for (int32_t day = c->first; c->seen && day <= c->last; day++) {
        day_kind k = kind_of(lab, day);
        out->days_on += k == HOLIDAY;
        out->days_beside += k == BESIDE;
    }
    out->p_fewer = out->p_more = NAN;
    if (out->days_on == 0 || out->days_beside == 0 || c->on + c->beside == 0)
        return;
    share = (double)out->days_on / (out->days_on + out->days_beside);
    half = 0.5 * out->days_on / (0.5 * out->days_on + out->days_beside);
    out->p_fewer = gsl_cdf_binomial_P(c->on, share, c->on + c->beside);
    out->p_more = c->on == 0 ? 1 : gsl_cdf_binomial_Q(c->on - 1, half, c->on + c->beside);
    if (out->p_fewer <= lab->season_level)
        out->says = "kept";
    else if (out->p_more <= lab->season_level)
        out->says = "even";
}
