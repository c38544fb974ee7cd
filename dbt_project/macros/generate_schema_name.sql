{# Layers are schemas by their bare name (staging, intermediate, marts): analysts and the loader name them directly. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ custom_schema_name | trim if custom_schema_name else target.schema }}
{%- endmacro %}
