-- One row per dataset of a source that failed a control: what depends on it is not reconciled (contract §4.9).
select distinct
    controls.source,
    controls.dataset,
    declared.is_psa
from {{ ref('int_controls') }} as controls
inner join {{ ref('stg_declared_datasets') }} as declared
    on controls.source = declared.source and controls.dataset = declared.dataset
where not controls.passed
