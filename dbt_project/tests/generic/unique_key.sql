{# Rows that share the listed columns, NULLs counting as equal: the grain of the model is broken. #}
{% test unique_key(model, columns) %}
select {{ columns | join(', ') }}
from {{ model }}
group by {{ columns | join(', ') }}
having count(*) > 1
{% endtest %}
