-- Grain: one row per evaluated control. What each compared, and whether it held (contract §5.5, control codes); and `excluded`, what
-- the maps leave out.
with controls as (

    select control, source, dataset, scope, expected, actual, passed, message from {{ ref('int_controls') }}
    union all
    select
        'CONSERVATION_BROKEN',
        null,
        null,
        fact || ', ' || scope,
        0,
        violations,
        violations = 0,
        violations || ' violations: the marts are not released; report this with the workspace'
    from {{ ref('int_audit_facts') }}
    where fact in ('lines_without_exactly_one_disposition', 'residuals_not_zero')
    union all
    select 'excluded', source, 'vendor_charges', scope, cost, cost as actual, true, message
    from {{ ref('int_excluded_totals') }}

)

select
    run.msp_id,
    run.period,
    controls.source,
    controls.control,
    controls.dataset,
    controls.scope,
    controls.expected::decimal(38, 12) as expected,
    controls.actual::decimal(38, 12) as actual,
    (controls.actual - controls.expected)::decimal(38, 12) as difference,
    controls.passed,
    controls.message
from controls
cross join {{ ref('stg_run') }} as run
